import {
  arrivalSentences,
  COLD_PHASE_WORDS,
  coldInterval,
  coldVerdict,
  costSentences,
  scaleSentences,
  steadySentence,
} from '../analyse/index.js'
import { formatBytes, formatNs, formatNumber } from '../base/index.js'
import type { ColdEstimate, ColdFigures, ColdStart, ColdStartReport, ScaleOut } from '../record/index.js'
import { wrap } from './layout.js'
import { textTable } from './text-table.js'

/** The cold starts for a terminal. */
export function coldStartText(report: ColdStartReport, width: number): string {
  const { figures, starts, failedStarts, scaleOut, notes, engine } = report
  const said = (sentences: readonly string[]): string[] => sentences.flatMap((text) => wrap(text, width))
  const blocks = [
    [
      `Cold start of ${engine.kind}${engine.version === undefined ? '' : ` ${engine.version}`}`,
      engine.commandLine,
    ],
    said([coldVerdict(report)]),
    ...(figures === null
      ? []
      : [[phaseTable(figures)], [milestoneTable(figures), '', ...said([steadySentence(report)])]]),
    ...(starts.length > 1 ? [[startTable(starts)]] : []),
    said(arrivalSentences(report)),
    ...(scaleOut === null
      ? []
      : [['Scale-out', '', scaleTable(scaleOut), '', ...said(scaleSentences(scaleOut))]]),
    said(costSentences(report)),
    failedStarts.flatMap(({ number, message }) => wrap(`Start ${number} failed: ${message}`, width)),
    notes.flatMap((note) => wrap(`Note: ${note}`, width)),
  ]
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

const HEAD = ['mean', '95 % interval', 'median', 'min', 'max']

const cells = (e: ColdEstimate): string[] => [
  formatNs(e.mean),
  coldInterval(e),
  formatNs(e.median),
  formatNs(e.min),
  formatNs(e.max),
]

const phaseTable = ({ phases, firstTokenNs }: ColdFigures): string =>
  textTable(
    ['phase', ...HEAD, 'share', 'MB/s'],
    [
      ...phases.map(({ name, ns, share, mbPerS }) => [
        COLD_PHASE_WORDS[name],
        ...cells(ns),
        `${formatNumber(share * 100)} %`,
        mbPerS === null ? '–' : formatNumber(mbPerS.mean),
      ]),
      ['whole', ...cells(firstTokenNs), '100 %', ''],
    ],
  )

function milestoneTable({ portOpenNs, healthyNs, firstTokenNs, steadyNs }: ColdFigures): string {
  const milestones = [
    ['port open', portOpenNs],
    ['healthy', healthyNs],
    ['first token', firstTokenNs],
    ['TTFT p95 steady', steadyNs],
  ] as const
  const row = ([name, e]: (typeof milestones)[number]): string[] => [
    name,
    ...(e === null ? HEAD.map(() => '–') : cells(e)),
    e === null ? '0' : String(e.n),
  ]
  return textTable(['from the command to', ...HEAD, 'starts'], milestones.map(row))
}

function startTable(starts: readonly ColdStart[]): string {
  const head = ['start', 'whole', 'steady', 'arrived', 'failed', 'longest wait', 'model in page cache']
  return textTable(
    head,
    starts.map(({ firstTokenNs, steady, arrivals, cache }, i) => [
      String(i + 1),
      formatNs(firstTokenNs),
      time(steady?.atNs),
      arrivals === null ? '–' : String(arrivals.arrived),
      arrivals === null ? '–' : String(arrivals.failed),
      time(arrivals?.waitMaxNs),
      cache === null || cache.residentBytes === null
        ? '–'
        : `${formatBytes(cache.residentBytes)} of ${formatBytes(cache.bytes)}`,
    ]),
  )
}

const time = (ns: number | null | undefined): string => (ns === null || ns === undefined ? '–' : formatNs(ns))

function scaleTable({ before, during, after }: ScaleOut): string {
  const stretches = [
    ['before', before],
    ['during the start', during],
    ['after it joined', after],
  ] as const
  return textTable(
    ['', 'lasted', 'arrived', 'failed', 'TTFT p95', 'requests/s', 'output tokens/s'],
    stretches.map(([name, s]) => [
      name,
      `${formatNumber(s.toS - s.fromS)} s`,
      String(s.arrived),
      String(s.failed),
      s.ttftP95Ms === null ? '–' : formatNs(s.ttftP95Ms * 1e6),
      formatNumber(s.completedPerS),
      formatNumber(s.outputTokensPerS),
    ]),
  )
}
