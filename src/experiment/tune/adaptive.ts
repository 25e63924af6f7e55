import { knobHelps, type Limit } from '../../analyse/index.js'
import type { TuneKnob, TuneSetting, TuneStopReason } from '../../record/index.js'
import type { Given } from './bench.js'
import { alongKnob, gridOf, knobsOf, neighboursOf } from './knobs.js'
import { race } from './race.js'
import { isBetter } from './score.js'
import { diagnosisOf, explore, exploreDefault, limitOf, type SearchOptions } from './search.js'

/** What a search came to. */
export interface Found {
  readonly best: string | null
  readonly reason: TuneStopReason
}

/**
 * Diagnosis first: what limits the default says which knobs are worth turning. Then one knob at a time, then the
 * neighbours of the best in all of them, until none of these is better.
 */
export async function searchAdaptively(options: SearchOptions): Promise<Found> {
  const { journal } = options.lab
  const limit = await exploreDefault(options)
  const knobs = journal.knobs
  const isStarted = limit !== 'no-start'
  const helpful = [...(isStarted ? noteDiagnosis(options, limit) : knobs)]
  const own = journal.settings()[0]
  let leader = own?.held?.holds === undefined || own.held.holds === null ? null : own.id
  if (helpful.length === 0) return { best: own?.id ?? null, reason: 'nothing-helps' }
  const seen = new Set(
    journal
      .settings()
      .slice(0, 1)
      .map((s) => s.id),
  )
  const fresh = (all: readonly Given[]): TuneSetting[] =>
    all.map((values) => journal.settingOf(values)).filter(({ id }) => !seen.has(id) && seen.add(id))
  const base = own?.values ?? {}
  const nearest = byPrediction(own)
  let field = fresh(
    isStarted ? helpful.flatMap((knob) => alongKnob(base, knob)).sort(nearest) : gridOf(helpful),
  )
  let purpose: 'race' | 'neighbours' = 'race'
  while (field.length > 0) {
    options.lab.note(
      `${field.length} settings to try${leader === null ? '' : ` against ${journal.setting(leader).label}`}`,
    )
    leader = await race(options, field, leader, purpose)
    closeRound(options, purpose, field, leader)
    purpose = 'neighbours'
    field = leader === null ? [] : fresh(await beside(options, leader, helpful))
  }
  return { best: leader, reason: leader === null && !isStarted ? 'no-start' : 'complete' }
}

/** Batch limits close to what the cache has room for come first: whoever leads early spares the others the climb. */
function byPrediction(own: TuneSetting | undefined): (a: Given, b: Given) => number {
  const start = own?.starts.findLast((s) => s.kind === 'started')
  const fits = start?.capacity?.fits ?? null
  const away = (set: Given): number => {
    const batch = set.maxNumSeqs ?? set.maxRunningRequests
    return fits === null || typeof batch !== 'number' ? 0 : Math.abs(Math.log(batch / fits))
  }
  return (a, b) => away(a) - away(b)
}

/**
 * Where one limit is mended the next one comes to light: knobs that can do something about what limits the leader are turned
 * too, over all their values.
 *
 * @param turned knobs that were turned before; grows
 */
async function beside(options: SearchOptions, leader: string, turned: TuneKnob[]): Promise<readonly Given[]> {
  const { lab } = options
  const visited = await lab.visit(leader, (visit) => limitOf(lab, visit))
  const limit = visited.kind === 'visited' ? visited.value : null
  const { values } = lab.journal.setting(leader)
  const others = lab.journal.knobs.filter((k) => !turned.some((t) => t.name === k.name))
  const added = limit === null ? [] : others.filter(({ name }) => knobHelps(name, limit).helps)
  const near = neighboursOf(values, turned)
  turned.push(...added)
  return [...near, ...added.flatMap((knob) => alongKnob(values, knob))]
}

function noteDiagnosis({ lab }: SearchOptions, limit: Limit | null): readonly TuneKnob[] {
  const { journal } = lab
  const diagnosis = diagnosisOf(limit, journal.knobs)
  journal.setDiagnosis(diagnosis)
  const own = journal.settings()[0]
  lab.note(`what limits the default: ${diagnosis.cause}`)
  journal.noteRound({
    purpose: 'diagnosis',
    settings: own ? [own.id] : [],
    requests: journal.trials()[0]?.planned ?? 0,
    leader: own?.held?.holds ? own.id : null,
    out: [],
    note: diagnosis.sentence,
  })
  return journal.knobs.filter(({ name }) => diagnosis.knobs.some((k) => k.name === name && k.helps))
}

function closeRound(
  { lab: { journal } }: SearchOptions,
  purpose: 'race' | 'neighbours',
  field: readonly TuneSetting[],
  leader: string | null,
): void {
  const ids = field.map((s) => s.id)
  journal.noteRound({
    purpose,
    settings: ids,
    requests: journal.trials().findLast((t) => ids.includes(t.setting))?.planned ?? 0,
    leader,
    out: ids.filter((id) => journal.setting(id).out !== null),
    note: leader === null ? 'none holds the objectives yet' : `${journal.setting(leader).label} leads`,
  })
}

/** Every combination, each to its own border: what the adaptive search is held against. */
export async function searchGrid(options: SearchOptions): Promise<Found> {
  const { lab, goal } = options
  const { journal } = lab
  const limit = await exploreDefault(options)
  if (limit === 'no-start') journal.setKnobs(knobsOf(options.variations, {}))
  const all = gridOf(journal.knobs).map((values) => journal.settingOf(values))
  for (const { id, isDefault } of all) {
    if (isDefault && limit !== 'no-start') continue
    const start = journal.settings().findLast((s) => s.held?.holds)?.held?.holds ?? options.start
    const visited = await lab.visit(id, (visit) => explore(visit, options, start, 'search'))
    if (visited.kind === 'visited') continue
    const failed = journal.setting(id).starts.find((s) => s.kind === 'failed')
    const text = failed?.kind === 'failed' ? `did not start: ${failed.cause}` : 'did not start'
    journal.change(id, { out: { round: 0, reason: 'no-start', text, interval: null, leader: null } })
  }
  const measured = journal.settings().filter((s) => s.value !== null)
  const best = measured.reduce<TuneSetting | null>(
    (top, s) => (top === null || isBetter(goal, s.value?.value ?? 0, top.value?.value ?? 0) ? s : top),
    null,
  )
  const settings = journal.settings().map((s) => s.id)
  journal.noteRound({
    ...{ purpose: 'grid', settings, requests: journal.trials()[0]?.planned ?? 0, leader: best?.id ?? null },
    out: journal
      .settings()
      .filter((s) => s.out !== null)
      .map((s) => s.id),
    note: 'every combination, each to the load that it holds',
  })
  return { best: best?.id ?? null, reason: measured.length === 0 ? 'no-start' : 'complete' }
}
