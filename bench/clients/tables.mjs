import { figure, markdownTable } from '../lib/table.mjs'
import { GAP_MS, mostEventsPerS, TOKENS, TTFT_MS } from './load.mjs'
import { together } from './truth.mjs'

/**
 * A client at one number of streams.
 * @typedef {object} Cell
 * @property {number} streams
 * @property {import('./load.mjs').Heard} [heard] missing when it failed
 * @property {import('./truth.mjs').Truth} [truth]
 *
 * @typedef {object} Row
 * @property {string} name @property {import('./load.mjs').RoleChunk} roleChunk
 * @property {boolean} installed @property {Cell[]} cells
 */

const MISSING = 'not installed'
const FAILED = 'failed'

const decimals = (n) => ({ minimumFractionDigits: n, maximumFractionDigits: n })
const msText = (ms) => ms.toLocaleString('en-US', decimals(1))
/** Small errors are the interesting ones. */
const errorMsText = (ms) =>
  ms.toLocaleString('en-US', { ...decimals(Math.abs(ms) < 10 ? 2 : 1), signDisplay: 'exceptZero' })
const ttftText = ({ p50, p99 }) => `${msText(p50)} / ${msText(p99)}`
const gapText = (ms) => ms.toFixed(2)

/** Events that came a second, by the client's own clock. @param {import('./load.mjs').Heard} heard */
export const eventsPerS = ({ completed, durationS }) => (completed * TOKENS) / durationS

/** @param {readonly Row[]} rows @param {readonly number[]} streams */
export function tablesText(rows, streams) {
  const truths = streams.map((n) => together(truthsAt(rows, n)))
  const truth = (text) => ['**truth**, by the emitter’s log', ...truths.map((t) => (t ? text(t) : '–'))]
  const most = ['**truth**, at most', ...streams.map((n) => figure(mostEventsPerS(n)))]
  return [
    `Asked of the emitter: ${TTFT_MS} ms to the first of ${TOKENS} tokens, ${GAP_MS} ms between two of them.`,
    '### TTFT p50 / p99, ms',
    table(
      rows,
      streams,
      truth((t) => ttftText(t.ttftMs)),
      (heard) => ttftText(heard.ttftMs),
    ),
    '### TTFT p50 / p99 minus those of the truth in the same run, ms',
    table(rows, streams, undefined, errorText),
    '### Median gap between two events, ms',
    table(
      rows,
      streams,
      truth((t) => gapText(t.gapMs)),
      (heard) => gapText(heard.gapMs),
    ),
    '### Events/s delivered',
    table(rows, streams, most, (heard) => figure(eventsPerS(heard))),
    '### What they say against their own figures',
    table(rows, streams, undefined, ({ doubts }) => doubts.join('; ') || 'nothing'),
  ].join('\n\n')
}

/** The server met each client with a little luck of its own. @param {import('./load.mjs').Heard} heard */
function errorText({ ttftMs }, truth) {
  const own = truth && together([truth])
  if (!own) return '–'
  return `${errorMsText(ttftMs.p50 - own.ttftMs.p50)} / ${errorMsText(ttftMs.p99 - own.ttftMs.p99)}`
}

const truthsAt = (rows, streams) =>
  rows.flatMap(({ cells }) =>
    cells.flatMap((cell) => (cell.streams === streams && cell.truth ? [cell.truth] : [])),
  )

function table(rows, streams, truth, text) {
  const header = ['client', ...streams.map((n) => (n === 1 ? '1 stream' : figure(n)))]
  const lines = rows.map((row) => [nameOf(row), ...streams.map((n) => cellText(row, n, text))])
  return markdownTable(header, truth ? [truth, ...lines] : lines)
}

const nameOf = ({ name, roleChunk }) => (roleChunk === 'alone' ? name : `${name}, role chunk left out`)

function cellText({ installed, cells }, streams, text) {
  if (!installed) return MISSING
  const { heard, truth } = cells.find((cell) => cell.streams === streams) ?? {}
  return heard ? text(heard, truth) : FAILED
}
