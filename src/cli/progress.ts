import { formatNumber, formatNs, msToNs } from '../base/index.js'
import type { LiveState, RunListener } from '../experiment/index.js'

/** A line this often when nobody watches a terminal. */
const PLAIN_INTERVAL_MS = 5_000

/**
 * Progress on stderr, so that stdout holds the result alone. On a terminal three lines are drawn over and over; elsewhere
 * a plain line comes every few seconds.
 */
export function createProgress(stream: NodeJS.WriteStream = process.stderr): RunListener & { close(): void } {
  return stream.isTTY ? terminalProgress(stream) : plainProgress(stream)
}

function plainProgress(stream: NodeJS.WriteStream): RunListener & { close(): void } {
  let phase = ''
  let lastMs = performance.now()
  return {
    onPhase(text) {
      phase = text
      lastMs = performance.now()
      stream.write(`${text} …\n`)
    },
    onLive(state) {
      if (performance.now() - lastMs < PLAIN_INTERVAL_MS) return
      lastMs = performance.now()
      stream.write(`${phase}: ${liveLines(state).join(' · ')}\n`)
    },
    onPointDone(setting, reason) {
      if (reason !== 'plan-complete' && reason !== 'max-duration') stream.write(`${setting.label}: ended early (${reason})\n`)
    },
    close: () => undefined,
  }
}

function terminalProgress(stream: NodeJS.WriteStream): RunListener & { close(): void } {
  let phase = ''
  let drawn = 0
  const erase = (): void => {
    if (drawn > 0) stream.write(`\x1b[${drawn}A\x1b[0J`)
    drawn = 0
  }
  const draw = (lines: readonly string[]): void => {
    erase()
    const width = (stream.columns ?? 100) - 1
    stream.write(lines.map((line) => `${line.slice(0, width)}\n`).join(''))
    drawn = lines.length
  }
  return {
    onPhase(text) {
      phase = text
      draw([`▸ ${text}`])
    },
    onLive: (state) => draw([`▸ ${phase}  ${progressOf(state)}`, ...liveLines(state).map((line) => `  ${line}`)]),
    onPointDone(setting, reason) {
      erase()
      stream.write(`✓ ${setting.label}${reason === 'plan-complete' || reason === 'max-duration' ? '' : ` (${reason})`}\n`)
    },
    close: erase,
  }
}

/** Elapsed, and what is left at the pace so far. */
function progressOf({ elapsedS, planned, ended }: LiveState): string {
  const elapsed = `${elapsedS.toFixed(0)} s`
  if (planned === null || ended === 0) return elapsed
  const leftS = (elapsedS / ended) * (planned - ended)
  return `${elapsed}, ${ended}/${planned} requests, about ${Math.max(0, leftS).toFixed(0)} s left`
}

function liveLines(state: LiveState): string[] {
  const { quantiles, gauges, preemptions, states } = state
  const pair = (q: { p50: number; p99: number } | null): string =>
    q === null ? '–' : `${formatNs(msToNs(q.p50))} / ${formatNs(msToNs(q.p99))}`
  const failed = Object.entries(states).reduce((sum, [name, n]) => (name === 'completed' ? sum : sum + n), 0)
  return [
    `${state.inFlight} in flight · ${formatNumber(state.requestsPerS)} req/s · ${formatNumber(state.outputTokensPerS)} tok/s · errors ${failed}`,
    `TTFT p50/p99 ${pair(quantiles.ttft)} · gap ${pair(quantiles.chunkGap)}${engineText(gauges, preemptions)}`,
  ]
}

function engineText(gauges: LiveState['gauges'], preemptions: number | null): string {
  if (!gauges) return ''
  const parts = [
    gauges.kvUsage === undefined ? undefined : `KV ${(gauges.kvUsage * 100).toFixed(0)} %`,
    gauges.waiting === undefined ? undefined : `waiting ${gauges.waiting}`,
    preemptions === null ? undefined : `preemptions ${preemptions}`,
  ]
  return parts.map((part) => (part === undefined ? '' : ` · ${part}`)).join('')
}
