import { formatNs, formatNumber } from '../base/index.js'
import type { Cost, TransportComparison, TransportFigures } from '../experiment/index.js'
import { wrap } from './layout.js'
import { textTable } from './text-table.js'

/** The table of `falloff compare-transports`, and below it what the last transport costs. Ends without a line feed. */
export function transportsText(comparison: TransportComparison, width: number): string {
  const { figures, costs, against } = comparison
  const timed = figures.some(({ latenessNs }) => latenessNs !== null)
  const who = against === 'emitter' ? 'an emitter that logs its writes' : against
  return [
    `Transports against ${who}, ${comparison.api}, ${formatNumber(comparison.seconds)} s a turn`,
    '',
    textTable(
      ['transport', ...headOf(timed)],
      figures.map((one) => rowOf(one, timed)),
    ),
    '',
    'What it costs beyond the other (medians and quantiles subtracted):',
    '',
    textTable(
      ['', 'streams', 'CPU a token', 'TTFT p50', 'TTFT p99', 'gap p50', 'gap p99'],
      costs.map(costRow),
    ),
    '',
    ...wrap(NOTE, width),
  ].join('\n')
}

const NOTE =
  'CPU is that of the worker’s whole thread, its housekeeping and, with one stream, its idle wake-ups included: the difference is what counts. ' +
  'sdk begins when the application calls the client and ends when the client’s iterator yields; events are then written down again for the decoder, which is part of its CPU.'

const headOf = (timed: boolean): string[] => [
  'streams',
  'requests',
  'failed',
  'CPU a token',
  'of a core',
  'TTFT p50',
  'TTFT p99',
  'gap p50',
  'gap p99',
  ...(timed ? ['late p50', 'late p99'] : []),
]

const NONE = '–'
const time = (ns: number | null | undefined): string =>
  ns === null || ns === undefined ? NONE : formatNs(ns)

function rowOf(one: TransportFigures, timed: boolean): string[] {
  const { cpuPerTokenNs: cpu, cpuShare, ttftNs, gapNs, latenessNs } = one
  const range = cpu && one.turns > 1 ? ` (${formatNs(cpu.least)} to ${formatNs(cpu.most)})` : ''
  return [
    one.transport,
    one.streams.toLocaleString('en-US'),
    one.requests.toLocaleString('en-US'),
    one.failed.toLocaleString('en-US'),
    cpu === null ? NONE : `${formatNs(cpu.median)}${range}`,
    cpuShare === null ? NONE : `${formatNumber(100 * cpuShare)} %`,
    time(ttftNs?.p50),
    time(ttftNs?.p99),
    time(gapNs?.p50),
    time(gapNs?.p99),
    ...(timed ? [time(latenessNs?.p50), time(latenessNs?.p99)] : []),
  ]
}

const signed = (ns: number | null): string =>
  ns === null ? NONE : `${ns < 0 ? '−' : '+'}${formatNs(Math.abs(ns))}`

const costRow = ({ of, beyond, streams, ...cost }: Cost): string[] => [
  `${of} − ${beyond}`,
  streams.toLocaleString('en-US'),
  signed(cost.cpuPerTokenNs),
  signed(cost.ttftP50Ns),
  signed(cost.ttftP99Ns),
  signed(cost.gapP50Ns),
  signed(cost.gapP99Ns),
]
