import type { FigureValue, PointFigures, RunFigures } from '../../record/index.js'
import { FIGURES, type FigureDeclaration } from '../figures/index.js'
import { holm, meanOf } from '../stats/index.js'
import { type Contrasted, contrastOf, NONE, type RunValues } from './contrast.js'
import type { MetricComparison } from './findings.js'
import { clustersOf, isShare, shareContrast, shareRunsToSettle } from './share.js'
import { judge } from './verdict.js'
import { changeWords } from './words.js'

/** Two sides with what holds for all their figures. */
export interface PairInput {
  readonly a: readonly RunFigures[]
  readonly b: readonly RunFigures[]
  readonly pairs: RunValues['pairs']
  readonly level: number
  readonly gated: readonly string[]
  readonly margins: Readonly<Record<string, number>>
}

/** Where a figure of a whole sweep stands. */
const SWEEP = 'sweep'

/** Times of our own sends say nothing of the target. */
const isOfTarget = ({ key }: FigureDeclaration): boolean => !key.startsWith('lateness.')

interface Place {
  readonly figure: FigureDeclaration
  readonly at: string
  readonly gated: boolean
}

export const pointAt = (run: RunFigures, at: string): PointFigures | undefined =>
  run.points.find((p) => p.label === at)

const valueAt = (run: RunFigures, key: string, at: string): FigureValue | null =>
  (at === SWEEP ? run.overall[key] : pointAt(run, at)?.figures[key])?.value ?? null

/** Labels of the points that both sides hold, in order of load. */
export function sharedPoints({ a, b }: Pick<PairInput, 'a' | 'b'>): readonly string[] {
  const labels = new Set(b.flatMap((run) => run.points.map((p) => p.label)))
  return [...new Set(a.flatMap((run) => run.points.map((p) => p.label)))].filter((l) => labels.has(l))
}

/** Every figure that both sides hold, at every point that both hold: the gated ones first. */
export function compareMetrics(pair: PairInput): readonly MetricComparison[] {
  const drafts = placesOf(pair).map((place) => ({ place, ...contrastAt(pair, place) }))
  const family = drafts.filter(({ place, contrast }) => place.gated && contrast.p !== null)
  const adjusted = holm(family.map(({ contrast }) => contrast.p ?? 1))
  const pHolm = new Map(family.map((draft, i) => [draft, adjusted[i] ?? 1]))
  const shed = new Map(sharedPoints(pair).map((at) => [at, sheddingAt(pair, at)]))
  return drafts.map((draft) =>
    finish(pair, draft, pHolm.get(draft) ?? null, family.length, shed.get(draft.place.at) ?? null),
  )
}

function placesOf(pair: PairInput): readonly Place[] {
  const held = (key: string, at: string): boolean =>
    pair.a.some((run) => valueAt(run, key, at) !== null) &&
    pair.b.some((run) => valueAt(run, key, at) !== null)
  const places = [SWEEP, ...sharedPoints(pair)].flatMap((at) =>
    FIGURES.filter((figure) => isOfTarget(figure) && held(figure.key, at)).map((figure) => ({
      figure,
      at,
      gated: pair.gated.includes(figure.key),
    })),
  )
  return [...places.filter((p) => p.gated), ...places.filter((p) => !p.gated)]
}

interface Draft {
  readonly place: Place
  readonly values: RunValues
  readonly contrast: Contrasted
}

function contrastAt(pair: PairInput, { figure, at }: Place): Omit<Draft, 'place'> {
  const values: RunValues = {
    a: pair.a.map((run) => valueAt(run, figure.key, at)),
    b: pair.b.map((run) => valueAt(run, figure.key, at)),
    pairs: pair.pairs,
  }
  const contrast = contrastOf(values, figure, pair.level)
  if (!isShare(figure.key)) return { values, contrast }
  return { values, contrast: { ...byRequests(pair, figure.key, at), permutation: contrast.permutation } }
}

/** Shares are counted: the interval knows how many requests stand behind a run's share, where a t test knows the shares alone. */
function byRequests(pair: PairInput, key: Parameters<typeof clustersOf>[1], at: string): Contrasted {
  const sides = [pair.a, pair.b].map((runs) =>
    clustersOf(
      runs.map((run) => pointAt(run, at)),
      key,
    ),
  )
  const [a = [], b = []] = sides
  const found = shareContrast(a, b, pair.level)
  if (found === null) return NONE
  const { value, low, high } = found.difference
  if (a.length < 2 || b.length < 2) return { ...NONE, effect: { value, low: null, high: null } }
  return {
    ...NONE,
    method: 'Newcombe',
    effect: { value, low, high },
    p: found.p,
    toSettle: (margin, family) =>
      shareRunsToSettle(found, Math.min(a.length, b.length), margin, pair.level, family),
  }
}

function finish(
  pair: PairInput,
  { place, values, contrast }: Draft,
  pHolm: number | null,
  family: number,
  shedding: string | null,
): MetricComparison {
  const { figure, at, gated } = place
  const margin = pair.margins[figure.key] ?? figure.margin
  const criteria = { figure, margin, level: pair.level, pHolm, family: gated ? family : 1, shedding }
  return {
    key: figure.key,
    label: figure.label,
    unit: figure.unit,
    at,
    better: figure.better,
    a: values.a,
    b: values.b,
    centreA: centreOf(values.a, figure.scale),
    centreB: centreOf(values.b, figure.scale),
    scale: figure.scale,
    effect: contrast.effect,
    method: contrast.method,
    p: contrast.p,
    pHolm,
    permutation: contrast.permutation,
    gated,
    margin,
    ...judge(contrast, criteria),
  }
}

function centreOf(values: readonly (FigureValue | null)[], scale: FigureDeclaration['scale']): number | null {
  const present = values.filter((v) => typeof v === 'number')
  if (present.length === 0 || present.length < values.length) return null
  if (scale === 'difference') return meanOf(present)
  return present.every((v) => v > 0) ? Math.exp(meanOf(present.map(Math.log))) : null
}

/** Whether b's failures rose by more than their margin, in words. */
function sheddingAt(pair: PairInput, at: string): string | null {
  const { effect } = byRequests(pair, 'errorRate', at)
  const margin = pair.margins.errorRate ?? FIGURES.find((f) => f.key === 'errorRate')?.margin ?? 0
  if (effect === null || effect.value <= margin) return null
  return `the share of requests that did not complete is ${changeWords(effect.value, 'difference')}: who sheds requests is not called faster.`
}
