import type { TuneEstimate, TuneKnob, TuneSetting, TuneTrial } from '../../record/index.js'
import type { Found } from './adaptive.js'
import { alongKnob, gridOf, knobsOf, neighboursOf } from './knobs.js'
import { learnDefaults, type SearchOptions } from './search.js'

/** What is left of a field after a round, at least. */
const KEEP = 0.5

/**
 * Least p99 at one rate, by successive halving: short trials of all, whoever's interval lies above the leader's is out, and
 * so is the worse half of the others; the rest gets longer trials. The adaptive plan turns one knob at a time, then
 * tries the neighbours of the best.
 */
export async function searchAtRate(options: SearchOptions, plan: 'adaptive' | 'grid'): Promise<Found> {
  const { lab, variations } = options
  const { journal } = lab
  const own = journal.settings()[0] ?? journal.settingOf({})
  await measure(options, own.id, 0)
  learnDefaults(lab, variations)
  const { knobs } = journal
  if (knobs.length === 0) journal.setKnobs(knobsOf(variations, {}))
  const started = journal.setting(own.id).value !== null
  const base = journal.setting(own.id).values
  const seen = new Set<string>([own.id])
  let leader: string | null = started ? own.id : null
  let field = fieldOf(
    options,
    plan === 'grid' || !started ? gridOf(journal.knobs) : star(base, journal.knobs),
    seen,
  )
  while (field.length > 0) {
    leader = await halve(options, field, leader)
    field = plan === 'grid' || leader === null ? [] : fieldOf(options, near(options, leader), seen)
  }
  return { best: leader, reason: leader === null ? 'no-start' : 'complete' }
}

const star = (base: TuneSetting['values'], knobs: readonly TuneKnob[]) =>
  knobs.flatMap((k) => alongKnob(base, k))

const near = ({ lab: { journal } }: SearchOptions, leader: string) =>
  neighboursOf(journal.setting(leader).values, journal.knobs)

const fieldOf = (
  { lab: { journal } }: SearchOptions,
  all: readonly TuneSetting['values'][],
  seen: Set<string>,
): readonly string[] =>
  all.map((values) => journal.settingOf(values).id).filter((id) => !seen.has(id) && seen.add(id))

async function halve(
  options: SearchOptions,
  field: readonly string[],
  before: string | null,
): Promise<string | null> {
  const { lab } = options
  let [leader, left] = [before, field]
  for (let look = 0; look < lab.sizes.looks && left.length > 0; look++) {
    if (leader !== null && look > 0) await measure(options, leader, look)
    for (const id of left) await measure(options, id, look)
    leader = bestOf(options, leader === null ? left : [leader, ...left])
    const going = left.filter((id) => id !== leader && !isBeaten(options, id, leader))
    const ranked = going.sort((a, b) => valueAt(options, a) - valueAt(options, b))
    const kept = ranked.slice(0, Math.ceil(ranked.length * KEEP))
    for (const id of ranked.slice(kept.length))
      aside(options, id, 'came out behind others of its round, without proof')
    closeRound(options, field, leader, look)
    left = kept
  }
  for (const id of left) if (id !== leader) aside(options, id, 'its interval and the leader’s overlap')
  return leader
}

async function measure(options: SearchOptions, id: string, look: number): Promise<void> {
  const { lab, fixed } = options
  if (fixed === undefined) return
  const visited = await lab.visit(id, (visit) =>
    visit.trial(fixed, lab.sizes.requests(look, fixed), 'search').then((trial: TuneTrial) => trial.p99),
  )
  if (visited.kind === 'visited') lab.journal.change(id, { value: visited.value })
  else out(options, id, 'no-start', 'did not start', null)
}

const valueAt = ({ lab }: SearchOptions, id: string): number =>
  lab.journal.setting(id).value?.value ?? Number.POSITIVE_INFINITY

const bestOf = (options: SearchOptions, ids: readonly string[]): string | null =>
  ids
    .filter((id) => options.lab.journal.setting(id).value !== null)
    .reduce<string | null>(
      (top, id) => (top === null || valueAt(options, id) < valueAt(options, top) ? id : top),
      null,
    )

function isBeaten(options: SearchOptions, id: string, leader: string | null): boolean {
  const { journal } = options.lab
  const mine = journal.setting(id).value
  const theirs = leader === null ? null : journal.setting(leader).value
  if (mine === null) return true
  if (mine.low === null || !theirs || theirs.high === null || mine.low <= theirs.high) return false
  out(options, id, 'beaten', 'its interval lies above the leader’s', mine)
  return true
}

const aside = (options: SearchOptions, id: string, text: string): void =>
  out(options, id, 'worse', text, null)

function out(
  { lab: { journal } }: SearchOptions,
  id: string,
  reason: 'beaten' | 'worse' | 'no-start',
  text: string,
  interval: TuneEstimate | null,
): void {
  journal.change(id, { out: { round: journal.round, reason, text, interval, leader: null } })
}

function closeRound(
  { lab, fixed }: SearchOptions,
  field: readonly string[],
  leader: string | null,
  look: number,
): void {
  const { journal, sizes } = lab
  journal.noteRound({
    ...{ purpose: 'race', settings: field, leader, requests: fixed ? sizes.requests(look, fixed) : 0 },
    out: field.filter((id) => journal.setting(id).out !== null),
    note: leader === null ? 'none started' : `${journal.setting(leader).label} leads`,
  })
}
