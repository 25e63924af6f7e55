import { formatNs, formatNumber } from '../base/index.js'
import type { Floor, FloorFigures, GatewayCost } from '../experiment/index.js'
import { wrap } from './layout.js'
import { textTable } from './text-table.js'

/** The table of `falloff floor`. Ends without a line feed. */
export function floorText({ asked, places, figures, gateway }: Floor, width: number): string {
  const named = Object.entries(places).map(([name, url]) => `${name.padEnd(8)}${url}`)
  const head = ['', 'connections', 'answers', 'not 2xx', 'errors', 'p50', 'p99', 'requests/s']
  return [
    `${asked}, as fast as the answers come`,
    ...named,
    '',
    textTable(head, figures.map(rowOf)),
    ...(gateway.length === 0 ? [] : ['', 'What the gateway adds:', '', gatewayTable(gateway)]),
    '',
    ...(figures.some(({ non2xx }) => non2xx > 0) ? [...wrap(REFUSED, width), ''] : []),
    ...wrap(NOTE, width),
  ].join('\n')
}

const NOTE =
  'Each connection asks again when its answer has come: no rate is held, so requests/s is what was reached, not what was offered. Certificates are not checked here.'

const REFUSED =
  'Answers other than 2xx are counted and not timed: choose a --path that every place serves, and give a --header where a key is wanted.'

const differenceText = (ns: number | null): string =>
  ns === null ? '–' : `${ns < 0 ? '−' : '+'}${formatNs(Math.abs(ns))}`

const rowOf = (one: FloorFigures): string[] => [
  one.place,
  one.connections.toLocaleString('en-US'),
  one.answers.toLocaleString('en-US'),
  one.non2xx.toLocaleString('en-US'),
  one.errors.toLocaleString('en-US'),
  one.latencyNs === null ? '–' : formatNs(one.latencyNs.p50),
  one.latencyNs === null ? '–' : formatNs(one.latencyNs.p99),
  formatNumber(one.requestsPerS),
]

const gatewayTable = (gateway: readonly GatewayCost[]): string =>
  textTable(
    ['', 'connections', 'p50', 'p99', 'requests/s left'],
    gateway.map(({ connections, p50Ns, p99Ns, requestsPerSShare }) => [
      'target − direct',
      connections.toLocaleString('en-US'),
      differenceText(p50Ns),
      differenceText(p99Ns),
      requestsPerSShare === null || p50Ns === null ? '–' : `${formatNumber(100 * requestsPerSShare)} %`,
    ]),
  )
