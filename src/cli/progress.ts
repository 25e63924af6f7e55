import { formatNs, formatNumber, msToNs } from '../base/index.js'
import type { LiveState, RunListener } from '../experiment/index.js'

/** A line this often when nobody watches a terminal. */
const PLAIN_INTERVAL_MS = 5_000

export interface Progress {
  /** A listener for one run; runs that go on side by side have a lane each. */
  lane(number: number): RunListener
  close(): void
}

/**
 * Progress on stderr, so that stdout holds the result alone. On a terminal a few lines are drawn over and over; elsewhere a
 * plain line comes every few seconds.
 */
export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  return stream.isTTY ? terminalProgress(stream) : plainProgress(stream)
}

const endedEarly = (reason: string): string =>
  reason === 'plan-complete' || reason === 'max-duration' ? '' : ` (ended early: ${reason})`

/** The same decision at every point of a sweep is told once. */
function oncePerText(tell: (text: string) => void): (text: string) => void {
  const told = new Set<string>()
  return (text) => {
    if (told.has(text)) return
    told.add(text)
    tell(text)
  }
}

function plainProgress(stream: NodeJS.WriteStream): Progress {
  const onNote = oncePerText((text) => void stream.write(`${text}\n`))
  const lane = (): RunListener => {
    let phase = ''
    let lastMs = performance.now()
    return {
      onPhase(text) {
        phase = text
        lastMs = performance.now()
        stream.write(`${text} …\n`)
      },
      onNote,
      onLive(state) {
        if (performance.now() - lastMs < PLAIN_INTERVAL_MS) return
        lastMs = performance.now()
        stream.write(`${phase}: ${progressOf(state)} · ${liveLines(state).join(' · ')}\n`)
      },
      onPointDone: (_, reason) => void stream.write(`${phase}: done${endedEarly(reason)}\n`),
    }
  }
  return { lane, close: () => undefined }
}

function terminalProgress(stream: NodeJS.WriteStream): Progress {
  const lanes = new Map<number, readonly string[]>()
  let drawn = 0
  const erase = (): void => {
    if (drawn > 0) stream.write(`\x1b[${drawn}A\x1b[0J`)
    drawn = 0
  }
  const draw = (): void => {
    // A pseudo-terminal may report no width at all.
    const width = (stream.columns || 100) - 1
    const lines = [...lanes].sort(([a], [b]) => a - b).flatMap(([, mine]) => mine)
    erase()
    stream.write(lines.map((line) => `${line.slice(0, width)}\n`).join(''))
    drawn = lines.length
  }
  const show = (number: number, lines: readonly string[]): void => {
    lanes.set(number, lines)
    draw()
  }
  const onNote = oncePerText((text) => {
    erase()
    stream.write(`· ${text}\n`)
    draw()
  })
  const lane = (number: number): RunListener => {
    let phase = ''
    return {
      onNote,
      onPhase(text) {
        phase = text
        show(number, [`▸ ${text}`])
      },
      onLive: (state) =>
        show(number, [`▸ ${phase}  ${progressOf(state)}`, ...liveLines(state).map((line) => `  ${line}`)]),
      onPointDone(_, reason) {
        lanes.delete(number)
        erase()
        stream.write(`✓ ${phase}${endedEarly(reason)}\n`)
        draw()
      },
    }
  }
  return { lane, close: erase }
}

/** Elapsed, and what is left at the pace so far. */
function progressOf({ elapsedS, planned, endsAtS, ended }: LiveState): string {
  const elapsed = `${elapsedS.toFixed(0)} s`
  if (planned !== null && ended > 0) {
    const leftS = Math.max(0, (elapsedS / ended) * (planned - ended))
    return `${elapsed}, ${ended}/${planned} requests, about ${leftS.toFixed(0)} s left`
  }
  if (endsAtS === null) return elapsed
  return elapsedS < endsAtS
    ? `${elapsed} of ${endsAtS.toFixed(0)} s`
    : `${elapsed}, waiting for open requests`
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
