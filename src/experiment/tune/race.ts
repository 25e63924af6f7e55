import type { TuneElimination, TuneHeld, TuneLoad, TuneSetting } from '../../record/index.js'
import type { Lab, Visit } from './lab.js'
import type { LoadState } from './load-state.js'
import { loadText } from './load-state.js'
import { isBetter, openPart, scoreOf } from './score.js'
import { conclude, explore, type SearchOptions, skim } from './search.js'

/** A challenger must hold so much more than the leader to be of interest. */
const WORTHWHILE = 1.03
/** So many of a round are measured as thoroughly as the leader. */
const FINALISTS = 2
/** And so many of those that missed narrowly: where the first draw was heavy, they may hold more than those that were lucky. */
const NEAR_MISSES = { race: 2, neighbours: 1 } as const
const NARROWLY = 2.5

/** A setting, and the load that it holds by first impressions. */
interface Impression {
  readonly id: string
  readonly held: TuneHeld
  /** What is compared; more is better. */
  readonly worth: number
}

/** A setting that misses by so many times what may miss, where the leader of the moment was to be beaten. */
interface NearMiss {
  readonly id: string
  readonly strain: number
}

/**
 * Runs challengers against the leader: each is measured briefly at a load a little above what the leader held at its first
 * trials, which drew the same arrivals; a heavy or a light draw weighs on all alike. One that is shown to fail there cannot
 * win and is out; one that holds it climbs on, and sets the load for those behind it. The best are then measured as
 * thoroughly as the leader was, and held against it.
 *
 * @returns the leader after it; null while nothing holds the objectives
 */
export async function race(
  options: SearchOptions,
  field: readonly TuneSetting[],
  leaderId: string | null,
  purpose: 'race' | 'neighbours',
): Promise<string | null> {
  let front = leaderId === null ? null : await impressionOf(options, leaderId)
  const good: Impression[] = []
  const near: NearMiss[] = []
  for (const { id } of field) {
    const found = await challenge(options, id, front)
    if (found === null) continue
    if ('strain' in found) near.push(found)
    else good.push(found)
    if ('worth' in found && (front === null || found.worth > front.worth)) front = found
  }
  good.sort((a, b) => b.worth - a.worth)
  near.sort((a, b) => a.strain - b.strain)
  const finalists = [...good.slice(0, FINALISTS), ...near.slice(0, NEAR_MISSES[purpose])].map(({ id }) => id)
  let leader = leaderId
  for (const id of finalists) leader = await final(options, id, leader)
  for (const { id } of [...good, ...near].filter((c) => !finalists.includes(c.id)))
    setAside(options.lab, id, 'came out behind others of its round, without proof')
  return leader
}

/** From trials that are there, and a few more where the first looks did not reach the border. */
async function impressionOf(options: SearchOptions, id: string): Promise<Impression | null> {
  const start = options.lab.journal.setting(id).held?.holds ?? options.start
  const visited = await options.lab.visit(id, async (visit) => {
    const { held, value } = visit.setting
    const impression = await skim(visit, options, start)
    // What longer looks have found stays what is known of it.
    options.lab.journal.change(id, { held, value })
    return judged(options, visit, impression)
  })
  return visited.kind === 'visited' ? visited.value : null
}

function judged({ goal, kind }: SearchOptions, visit: Visit, held: TuneHeld): Impression | null {
  const score = scoreOf(goal, held, visit.impressions())
  if (held.holds === null || score === null) return null
  // An open loop's goodput is its rate, give or take the chance of arrivals: there the load says it better.
  const worth = kind === 'open' ? held.holds : goal.more ? score.value : -score.value
  return { id: visit.setting.id, held, worth }
}

/** Null: it is out, or set aside. */
async function challenge(
  options: SearchOptions,
  id: string,
  front: Impression | null,
): Promise<Impression | NearMiss | null> {
  const { lab, kind } = options
  const { journal } = lab
  const load = front === null ? null : loadToBeat(front.held, kind)
  const visited = await lab.visit(id, async (visit): Promise<Impression | NearMiss | null> => {
    if (load === null) return judged(options, visit, await skim(visit, options, options.start))
    const state = await visit.judge(load, 1, 'failure-shown', 'race')
    if (state.leans) return judged(options, visit, await skim(visit, options, load.value))
    conclude(visit, lab, options.goal, kind)
    if (state.verdict === 'fail')
      journal.change(id, { out: beaten(options, visit.setting, front, load, state) })
    else if (state.strain <= NARROWLY) return { id, strain: state.strain }
    else setAside(lab, id, 'missed more than it may at that load, within what chance explains')
    return null
  })
  if (visited.kind === 'no-start') noStart(lab, id)
  else if (visited.value === null && journal.setting(id).out === null) {
    const text = 'misses the objectives at every load tried'
    journal.change(id, {
      out: { round: journal.round, reason: 'holds-none', text, interval: null, leader: null },
    })
  }
  return visited.kind === 'visited' ? visited.value : null
}

/** Measures a challenger as thoroughly as the leader, and says which of both leads. */
async function final(options: SearchOptions, id: string, leaderId: string | null): Promise<string | null> {
  const { lab, goal, kind } = options
  const { journal } = lab
  const start = journal.setting(id).held?.holds ?? options.start
  const floor = kind === 'open' && leaderId !== null ? (journal.setting(leaderId).held?.holds ?? 0) : 0
  const visited = await lab.visit(id, (visit) => explore(visit, options, start, 'search', floor))
  const mine = journal.setting(id)
  if (visited.kind === 'no-start' || !mine.held?.holds) return leaderId
  if (leaderId === null) return id
  const theirs = journal.setting(leaderId)
  if (!visited.value) {
    setAside(lab, id, `does not hold ${theirs.held?.holds ?? 0}, as ${theirs.label} does`)
    return leaderId
  }
  const worth = (s: TuneSetting): number => s.value?.value ?? (goal.more ? 0 : Number.POSITIVE_INFINITY)
  const wins =
    kind === 'open' ? mine.held.holds > (theirs.held?.holds ?? 0) : isBetter(goal, worth(mine), worth(theirs))
  const [better, worse] = wins ? [mine, theirs] : [theirs, mine]
  const text = `holds ${worse.held?.holds ?? 0}, no better than ${better.label} with ${better.held?.holds ?? 0}`
  setAside(lab, worse.id, text)
  return better.id
}

function noStart({ journal }: Lab, id: string): void {
  const failed = journal.setting(id).starts.find((s) => s.kind === 'failed')
  const text = failed?.kind === 'failed' ? `did not start: ${failed.cause}` : 'did not start'
  journal.change(id, {
    out: { round: journal.round, reason: 'no-start', text, interval: null, leader: null },
  })
}

/** Above what the leader holds: half way to where it does not, or a little at least. */
function loadToBeat(held: TuneHeld, kind: TuneLoad['kind']): TuneLoad | null {
  if (held.holds === null) return null
  const value = held.holds * Math.max(WORTHWHILE, Math.sqrt(openPart(held)))
  return {
    kind,
    value: kind === 'closed' ? Math.max(held.holds + 1, Math.round(value)) : Number(value.toPrecision(3)),
  }
}

function beaten(
  { lab }: SearchOptions,
  { held }: TuneSetting,
  front: Impression | null,
  load: TuneLoad,
  state: LoadState,
): TuneElimination {
  const holds = front?.held.holds ?? 0
  const check = state.trials.at(-1)?.checks.find((c) => c.verdict === 'fail')
  const share = check === undefined ? '' : `: ${check.missed} of ${check.n} missed ${check.objective}`
  return {
    round: lab.journal.round,
    reason: 'beaten',
    text: `fails at ${loadText(load)}${share}`,
    interval: { value: held?.holds ?? 0, low: held?.pass ?? 0, high: held?.fail ?? load.value },
    leader: front && {
      setting: front.id,
      interval: { value: holds, low: front.held.pass, high: front.held.fail },
    },
  }
}

function setAside({ journal }: Lab, id: string, text: string): void {
  if (journal.setting(id).isDefault) return
  journal.change(id, { out: { round: journal.round, reason: 'worse', text, interval: null, leader: null } })
}
