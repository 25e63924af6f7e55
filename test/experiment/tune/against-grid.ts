import { type Case, searched } from './cases.js'
import { virtualBench } from './virtual-bench.js'

/** One seed: what both plans chose, what these choices hold in truth, and what they cost. */
export interface Duel {
  readonly seed: number
  readonly adaptive: string
  readonly grid: string
  /** Load that the adaptive plan's choice holds in truth, relative to that of the grid's. */
  readonly share: number
  /** Engine seconds, the confirmation included. */
  readonly adaptiveS: number
  readonly gridS: number
}

/** Both plans on the same engine with the same arrivals. */
export async function duel(of: Case, seed: number, truth: Map<string, number>): Promise<Duel> {
  const results = []
  for (const plan of ['adaptive', 'grid'] as const) {
    const { manifest } = await searched(of, { plan, seed })
    const best = manifest.settings.find((s) => s.id === manifest.result?.best)
    if (best === undefined) throw new Error(`${plan} found nothing at seed ${seed}`)
    // What was chosen, whether or not the confirmation could tell it from the default.
    results.push({ label: best.label, given: best.given, engineS: manifest.engineS })
  }
  const [adaptive, grid] = results
  if (adaptive === undefined || grid === undefined) throw new Error('two plans, two results')
  for (const { label, given } of results) {
    if (!truth.has(label)) truth.set(label, await holdsInTruth(of, given))
  }
  return {
    seed,
    adaptive: adaptive.label,
    grid: grid.label,
    share: (truth.get(adaptive.label) ?? 0) / (truth.get(grid.label) ?? 1),
    adaptiveS: adaptive.engineS,
    gridS: grid.engineS,
  }
}

/** Long enough for a share of 5 % to be known to a tenth of itself. */
const REQUESTS = 6000

/** By bisection with hours of virtual time at each load, and no decision rule but the share itself. */
async function holdsInTruth(
  of: Case,
  given: Readonly<Record<string, number | boolean | string>>,
): Promise<number> {
  const engine = await virtualBench({ ...of, seed: 4711 }).start(given)
  if (engine.kind === 'failed') throw new Error(engine.message)
  let [low, high] = [of.start / 4, of.start * 3]
  while (high / low > 1.01) {
    const rate = Math.sqrt(low * high)
    const { counts } = await engine.measure({
      load: { kind: 'open', value: rate },
      requests: REQUESTS,
      repeat: 1,
      label: 'truth',
    })
    if (counts.every(({ missed, n, allowed }) => missed / n <= (allowed ?? 0))) low = rate
    else high = rate
  }
  return low
}

export const duelTable = (name: string, duels: readonly Duel[]): string =>
  [
    name,
    ...duels.map(
      (d) =>
        `  seed ${d.seed}: ${d.adaptive} against ${d.grid}: ${(d.share * 100).toFixed(1)} % of its load, ${d.adaptiveS.toFixed(0)} s against ${d.gridS.toFixed(0)} s (${((100 * d.adaptiveS) / d.gridS).toFixed(0)} %)`,
    ),
    `  least ${(Math.min(...duels.map((d) => d.share)) * 100).toFixed(1)} %, most engine time ${(100 * Math.max(...duels.map((d) => d.adaptiveS / d.gridS))).toFixed(0)} % of the grid's`,
  ].join('\n')
