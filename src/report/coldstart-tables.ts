import { COLD_PHASE_WORDS } from '../analyse/index.js'
import { formatNs, nsToS } from '../base/index.js'
import type { ColdEstimate, ColdFigures, ColdStart, ScaleOut } from '../record/index.js'
import { ABSENT, ms, num, percent, whole } from './format.js'
import { type Cell, fig, figures, type Table, text } from './table.js'

/** Shown in the unit that reads best, exported in s. */
const time = (ns: number | null | undefined): Cell =>
  ns === null || ns === undefined ? { show: ABSENT, raw: '' } : { show: formatNs(ns), raw: nsToS(ns) }

/** Few starts that scatter much have an interval that reaches below nothing; a time does not. */
const estimate = (e: ColdEstimate | null): readonly Cell[] => [
  time(e?.mean),
  time(e?.low === null || e === null ? null : Math.max(0, e.low)),
  time(e?.high),
  time(e?.median),
  time(e?.min),
  time(e?.max),
]
const ESTIMATE = ['mean', '95 % from', 'to', 'median', 'min', 'max'] as const

export const phaseTable = ({ phases, firstTokenNs }: ColdFigures): Table => ({
  caption: 'Phases from the command to the first token; exported in s',
  columns: [text('phase'), ...figures(...ESTIMATE, 'share', 'MB/s')],
  rows: [
    ...phases.map(({ name, ns, share, mbPerS }) => [
      COLD_PHASE_WORDS[name],
      ...estimate(ns),
      fig(share, percent),
      fig(mbPerS?.mean, num),
    ]),
    ['whole', ...estimate(firstTokenNs), fig(1, percent), ''],
  ],
})

export const milestoneTable = ({ portOpenNs, healthyNs, firstTokenNs, steadyNs }: ColdFigures): Table => ({
  caption: 'From the command until …; exported in s',
  columns: [text('until'), ...figures(...ESTIMATE, 'starts')],
  rows: (
    [
      ['port open', portOpenNs],
      ['healthy', healthyNs],
      ['first token', firstTokenNs],
      ['TTFT p95 steady', steadyNs],
    ] as const
  ).map(([name, e]) => [name, ...estimate(e), fig(e?.n ?? 0, whole)]),
})

export function startTable(starts: readonly ColdStart[]): Table {
  const rows = starts.flatMap(({ phases }, i) =>
    phases.map(({ name, fromNs, toNs, bytes }) => [
      `start ${i + 1}`,
      COLD_PHASE_WORDS[name],
      time(fromNs),
      time(toNs),
      time(toNs - fromNs),
      fig(bytes, whole),
    ]),
  )
  return {
    caption: 'Phases in their order, since the command; exported in s',
    columns: [text('start'), text('phase'), ...figures('from', 'to', 'took', 'bytes')],
    rows,
  }
}

export const arrivalTable = (starts: readonly ColdStart[]): Table => ({
  caption: 'Requests that arrived between the command and healthy; exported in s',
  columns: [
    text('start'),
    ...figures(
      'arrived',
      'failed',
      'answered',
      'wait p50',
      'longest wait',
      'attempts',
      'refused',
      'missed until steady',
    ),
  ],
  rows: starts.map(({ arrivals }, i) => [
    `start ${i + 1}`,
    fig(arrivals?.arrived, whole),
    fig(arrivals?.failed, whole),
    fig(arrivals?.answered, whole),
    time(arrivals?.waitP50Ns),
    time(arrivals?.waitMaxNs),
    fig(arrivals?.attempts, whole),
    fig(arrivals?.refusedAttempts, whole),
    fig(arrivals && arrivals.misses.failed + (arrivals.misses.late ?? 0), whole),
  ]),
})

export const scaleTable = ({ before, during, after }: ScaleOut): Table => ({
  caption: 'Before the command, during the start, and after the second replica joined',
  columns: [
    text(''),
    ...figures('lasted, s', 'arrived', 'failed', 'TTFT p95', 'requests/s', 'output tokens/s'),
  ],
  rows: (
    [
      ['before', before],
      ['during the start', during],
      ['after it joined', after],
    ] as const
  ).map(([name, s]) => [
    name,
    fig(s.toS - s.fromS, num),
    fig(s.arrived, whole),
    fig(s.failed, whole),
    fig(s.ttftP95Ms, ms),
    fig(s.completedPerS, num),
    fig(s.outputTokensPerS, num),
  ]),
})
