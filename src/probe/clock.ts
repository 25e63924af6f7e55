import type { Answer } from './asker.js'

/** How the server's clock stands to ours, in s: somewhere between these. Positive: the server's is ahead. */
export interface ClockOffset {
  readonly leastS: number
  readonly mostS: number
  readonly answers: number
}

/**
 * From `Date` headers. A date is whole seconds, rounded down, and servers keep it for up to a second more, so at the moment of
 * an answer the server's clock stood in [date, date + 2 s). That moment lies between our send and the head of the answer;
 * every answer bounds the offset, and all of them hold.
 */
export function clockOffset(answers: readonly Answer[]): ClockOffset | undefined {
  let leastS = Number.NEGATIVE_INFINITY
  let mostS = Number.POSITIVE_INFINITY
  let dated = 0
  for (const { headers, askedAtMs, headAtMs } of answers) {
    const dateMs = Date.parse(headers.date ?? '')
    if (Number.isNaN(dateMs) || headAtMs === undefined) continue
    dated++
    leastS = Math.max(leastS, (dateMs - headAtMs) / 1000)
    mostS = Math.min(mostS, (dateMs + 2000 - askedAtMs) / 1000)
  }
  if (dated === 0) return undefined
  // Several servers behind one address need not agree; then their bounds are told the wrong way round.
  return { leastS: Math.min(leastS, mostS), mostS: Math.max(leastS, mostS), answers: dated }
}
