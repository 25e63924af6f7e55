import type { PointFigures, RunFigures } from '../../../record/index.js'
import { type Mark, makeFrame } from '../../charts/frame.js'
import { grid } from '../../charts/grid.js'
import { stack } from '../../charts/panel.js'
import { loadScale, logarithmic, MS_LABELS, type Scale, zeroBased } from '../../charts/scale.js'
import type { Line, Panel, Row } from '../../charts/types.js'
import { dimensionLabel, inUnit, num, shorten } from '../../format.js'
import type { Spec } from '../../render-svg.js'
import { colour, look } from '../../theme.js'
import { type ComparisonView, dimensionIn, loadOf, type Side } from '../view.js'

/** A figure over load. */
interface Course {
  readonly key: string
  readonly title: string
  readonly subtitle: string
  readonly unit: string
  readonly log: boolean
}

const COURSES: readonly Course[] = [
  {
    key: 'outputTokensPerS',
    title: 'Output tokens per second, all streams',
    subtitle: '',
    unit: 'tokens/s',
    log: false,
  },
  {
    key: 'perStreamTokensPerS.p50',
    title: 'Speed of one stream',
    subtitle: 'tokens/s, median',
    unit: 'tokens/s',
    log: false,
  },
  { key: 'ttft.p99', title: 'Time to first token', subtitle: 'p99, log scale', unit: 'ms', log: true },
  {
    key: 'goodputPerS',
    title: 'Goodput',
    subtitle: 'requests/s that met every objective',
    unit: 'requests/s',
    log: false,
  },
]

/** Sweeps over each other: the median over each side's runs with the range of the runs behind it; every knee as a line. */
export function sweepChart(view: ComparisonView, narrow: boolean): Spec {
  const x = loadScale(pointsOf(view).map(loadOf))
  const title = `${dimensionLabel(dimensionIn(pointsOf(view)))} (log scale)`
  if (view.crowded) return multiples(view, x, narrow)
  const longest = Math.max(...view.sides.map((side) => (narrow ? side.short : side.name).length))
  const frame = makeFrame(narrow, x, title, longest, {
    marks: view.sides.flatMap((side) => kneeMark(side, narrow)),
  })
  return stack(COURSES.map((course) => panelOf(course, view.sides, narrow, 120)).filter(isSeen), frame)
}

const pointsOf = ({ sides }: ComparisonView): readonly PointFigures[] =>
  sides.flatMap(({ runs }) => runs.flatMap(({ points }) => points))

const isSeen = ({ missing }: Panel): boolean => missing === null || missing === undefined

/** Each against the base, one range for all. */
function multiples(view: ComparisonView, x: Scale, narrow: boolean): Spec {
  const [course] = COURSES
  if (course === undefined) return grid([], 1, makeFrame(narrow, x, '', 1))
  const { y } = panelOf(course, view.sides, narrow, 92)
  const behind = linesOf(view.base, course, BASE, '').map((line) => ({ ...line, points: false }))
  const panels = view.others.map(({ side }): Panel => {
    const knee = kneeOf(side)
    const own = linesOf(side, course, look(0), '')
    const flag =
      knee === null ? null : { x: knee.at, y: heightAt(own, knee.at), label: `knee ${num(knee.at)}` }
    return { title: shorten(side.name, 30), subtitle: '', y, lines: [...behind, ...own], height: 92, flag }
  })
  return grid(panels, narrow ? 1 : 3, makeFrame(narrow, x, 'load', 1))
}

const BASE = { colour: colour('c6'), dash: [4, 3], shape: 'circle' }

/** The value of the last line at the load nearest to the knee. */
function heightAt(lines: readonly Line[], at: number): number {
  const rows = lines.at(-1)?.rows ?? []
  return rows.toSorted((a, b) => Math.abs(a.x - at) - Math.abs(b.x - at))[0]?.y ?? 0
}

function panelOf(course: Course, sides: readonly Side[], narrow: boolean, height: number): Panel {
  const lines = sides.flatMap((side) =>
    linesOf(side, course, look(side.slot), narrow ? side.short : side.name),
  )
  const seen = lines.flatMap(({ rows }) => rows.flatMap((row) => [row.y, row.low ?? null, row.high ?? null]))
  const scale = course.log ? logarithmic(seen, course.unit === 'ms' ? MS_LABELS : undefined) : zeroBased(seen)
  return {
    title: course.title,
    subtitle: course.subtitle,
    y: scale,
    lines,
    height,
    missing: seen.some((v) => v !== null) ? null : 'not measured',
  }
}

/** Every run light, and their median with the range from the least to the most. */
function linesOf(
  side: Side,
  { key, unit }: Course,
  style: ReturnType<typeof look>,
  label: string,
): readonly Line[] {
  const loads = [...new Set(side.runs.flatMap(({ points }) => points.map(loadOf)))].toSorted((a, b) => a - b)
  const read = (run: RunFigures, load: number): number | null => {
    const value = run.points.find((point) => loadOf(point) === load)?.figures[key]?.value
    return typeof value === 'number' ? value : null
  }
  const rows = loads.map((load): Row => {
    const seen = side.runs.flatMap((run) => read(run, load) ?? []).toSorted((a, b) => a - b)
    const y = middle(seen)
    const [low, high] = [seen[0] ?? null, seen.at(-1) ?? null]
    const range = seen.length < 2 ? '' : ` (${num(low)}–${num(high)} over ${seen.length} runs)`
    return {
      x: load,
      y,
      ...(seen.length < 2 ? {} : { low, high }),
      say: `${side.name} at ${num(load)}: ${inUnit(y, unit)}${range}`,
    }
  })
  const faint =
    side.runs.length < 2
      ? []
      : side.runs.map(
          (run): Line => ({
            label: '',
            ...style,
            points: false,
            faint: true,
            rows: loads.map((load) => ({ x: load, y: read(run, load), say: '' })),
          }),
        )
  return [...faint, { label, ...style, rows, thin: true }]
}

const middle = (sorted: readonly number[]): number | null => {
  const [low, high] = [
    sorted[Math.floor((sorted.length - 1) / 2)],
    sorted[Math.ceil((sorted.length - 1) / 2)],
  ]
  return low === undefined || high === undefined ? null : (low + high) / 2
}

/** Median of the knees of a side's runs, and their range; null where none has one. */
export function kneeOf({
  runs,
}: Side): { readonly at: number; readonly low: number; readonly high: number } | null {
  const knees = runs
    .flatMap(({ overall }) => (typeof overall.kneeAt?.value === 'number' ? [overall.kneeAt] : []))
    .map(({ value, low, high }) => ({ value: Number(value), low, high }))
    .toSorted((a, b) => a.value - b.value)
  const at = middle(knees.map(({ value }) => value))
  if (at === null) return null
  const [only] = knees
  // Of one run the interval inside it, of several how far they lie apart.
  if (knees.length === 1 && only !== undefined)
    return { at, low: bound(only.low, at), high: bound(only.high, at) }
  return { at, low: knees[0]?.value ?? at, high: knees.at(-1)?.value ?? at }
}

const bound = (value: number | 'endless' | null, otherwise: number): number =>
  typeof value === 'number' ? value : otherwise

/** In a narrow picture the hue alone tells whose it is: there is no room for names. */
function kneeMark(side: Side, narrow: boolean): readonly Mark[] {
  const knee = kneeOf(side)
  if (knee === null) return []
  const range = knee.low === knee.high ? '' : ` (${num(knee.low)}–${num(knee.high)})`
  const label = narrow ? `knee ${num(knee.at)}` : `${shorten(side.name, 16)}: knee ${num(knee.at)}${range}`
  return [{ ...knee, label, colour: look(side.slot).colour }]
}
