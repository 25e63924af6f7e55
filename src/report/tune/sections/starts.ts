import type { LaunchFacts } from '../../../record/index.js'
import { figure } from '../../figure.js'
import { ABSENT, num, plural, whole } from '../../format.js'
import { type Html, html, nothing } from '../../html.js'
import { fig, figures, type Table, table, text } from '../../table.js'
import { type StartCourse, startsChart } from '../charts/starts.js'
import { rowName, type TuneView } from '../view.js'
import { duration } from '../words.js'

/** How long each setting took to come up, by phase where the engine's log tells; and what it told of itself. */
export async function startsSection(view: TuneView): Promise<Html> {
  const courses = coursesOf(view)
  if (courses.length === 0) return nothing
  const chart = await figure({
    id: 'starts-course',
    title: 'From the command to ready',
    summary: summaryOf(courses),
    spec: (narrow) => startsChart(courses, narrow),
    data: phaseTable(courses),
  })
  return html`<section id="starts"><h2>Starts</h2>${chart}${factsTable(view)}</section>`
}

const coursesOf = ({ tune, started, launches }: TuneView): readonly StartCourse[] =>
  started.flatMap((setting): readonly StartCourse[] => {
    const last = setting.starts.findLast((s) => s.kind === 'started') ?? setting.starts.at(-1)
    if (last === undefined) return []
    const name = rowName(tune, setting)
    const isUp = last.kind === 'started'
    const phases = isUp ? (launches[setting.id]?.phases ?? []) : []
    if (phases.length > 0) return [{ name, isUp, parts: phases.map((p) => ({ phase: p.name, ...p })) }]
    const phase = isUp ? ('start' as const) : ('failed start' as const)
    return [{ name, isUp, parts: [{ phase, fromS: 0, toS: last.seconds }] }]
  })

function summaryOf(courses: readonly StartCourse[]): string {
  const up = courses.filter((c) => c.isUp)
  const failed = courses.length - up.length
  const took = up.map((c) => c.parts.at(-1)?.toS ?? 0)
  const range =
    took.length === 0
      ? 'None came up.'
      : `${plural(up.length, 'setting')} came up, in ${[...new Set([Math.min(...took), Math.max(...took)].map(duration))].join(' to ')}.`
  return failed === 0 ? range : `${range} ${plural(failed, 'setting')} did not.`
}

const phaseTable = (courses: readonly StartCourse[]): Table => ({
  caption: 'Phases of a start of each setting',
  columns: [text('setting'), text('phase'), ...figures('from, s', 'to, s', 'took, s')],
  rows: courses.flatMap(({ name, parts }) =>
    parts.map((p) => [name, p.phase, fig(p.fromS, num), fig(p.toS, num), fig(p.toS - p.fromS, num)]),
  ),
})

type Told = readonly [name: string, key: keyof LaunchFacts]

const TOLD: readonly Told[] = [
  ['KV cache, tokens', 'kvCacheTokens'],
  ['KV blocks', 'kvBlocks'],
  ['longest requests at once', 'maxConcurrency'],
  ['max_num_seqs', 'maxNumSeqs'],
  ['max_num_batched_tokens', 'maxNumBatchedTokens'],
  ['longest context', 'maxModelLen'],
  ['dtype', 'dtype'],
  ['attention', 'attentionBackend'],
]

/** What they differ in, side by side; what is the same with all, once. */
function factsTable({ tune, started }: TuneView): Html {
  const rows = started.flatMap((setting) => {
    const up = setting.starts.findLast((s) => s.kind === 'started')
    return up?.kind === 'started' ? [{ setting, facts: up.facts }] : []
  })
  const told = TOLD.filter(([, key]) => rows.some(({ facts }) => facts[key] !== undefined))
  const alike = told.filter(([, key]) => new Set(rows.map(({ facts }) => facts[key])).size === 1)
  // What an engine was told to take is no news, unless it took something else.
  const differ = told
    .filter((one) => !alike.includes(one))
    .filter(([, key]) => rows.some(({ setting, facts }) => facts[key] !== setting.values[key]))
  const first = rows[0]?.facts ?? {}
  return html`${alike.length > 0 && html`<p class="lead">Every engine told of itself: ${alike.map(([name, key]) => `${name} ${shown(first[key])}`).join('; ')}.</p>`}${
    differ.length > 0 &&
    table({
      caption: 'What the engines told of themselves, where they differ',
      columns: [text('setting'), ...figures(...differ.map(([name]) => name))],
      rows: rows.map(({ setting, facts }) => [
        rowName(tune, setting),
        ...differ.map(([, key]) => ({ show: shown(facts[key]), raw: facts[key] ?? '' })),
      ]),
    })
  }`
}

const shown = (value: string | number | undefined): string =>
  value === undefined ? ABSENT : typeof value === 'number' ? inFull(value) : value

const inFull = (value: number): string => (Number.isInteger(value) ? whole(value) : num(value))
