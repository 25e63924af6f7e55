import type { ResponseHeaders } from '../base/index.js'

/** How long the server asks to wait, in ms from now; undefined when it does not, or not readably. */
export function retryAfterMsOf(headers: ResponseHeaders, nowMs = Date.now()): number | undefined {
  const ms = headers['retry-after-ms']
  return ms !== undefined && NUMBER.test(ms) ? Number(ms) : parseRetryAfterMs(headers['retry-after'], nowMs)
}

const NUMBER = /^\s*\d+(\.\d+)?\s*$/

/** Seconds, or an HTTP date. */
function parseRetryAfterMs(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined
  if (NUMBER.test(value)) return Number(value) * 1000
  const dateMs = Date.parse(value)
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs)
}
