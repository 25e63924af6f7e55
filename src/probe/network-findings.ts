import { formatNs, type RateLimits } from '../base/index.js'
import { readHeaders } from '../protocol/index.js'
import type { Answer } from './asker.js'
import { clockOffset } from './clock.js'
import { type Finding, found, grouped, notTold } from './finding.js'
import type { NetworkFacts, TlsFacts } from './network.js'

/** What connecting, and the heads of the answers, told. */
export function networkFindings(network: NetworkFacts, answers: readonly Answer[]): Finding[] {
  const { tls, failure } = network
  return [
    roundTripFinding(network),
    tls ? tlsFinding(tls) : plainFinding(failure?.message),
    clockFinding(answers),
    ...limitsFinding(answers),
  ]
}

function roundTripFinding({ connectNs }: NetworkFacts): Finding {
  const sorted = [...connectNs].sort((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)]
  if (median === undefined) return notTold('round trip', 'no connection came about')
  const range = `${formatNs(sorted[0] ?? median)} to ${formatNs(sorted.at(-1) ?? median)}`
  const how = `median of ${sorted.length} TCP connects, ${range}`
  return found('round trip', { medianMs: median / 1e6 }, formatNs(median), how)
}

function tlsFinding({ version, cipher, alpn, validTo, mistrust, handshakeNs }: TlsFacts): Finding {
  const http = alpn === 'h2' ? 'HTTP/2 and 1.1' : 'HTTP/1.1'
  const trust = mistrust === null ? '' : `; the certificate is not trusted: ${mistrust}`
  const shown = `${version}, ${http}${trust}`
  const chose = alpn === null ? 'ALPN chose nothing' : `ALPN chose ${alpn}`
  const until = validTo ? `, certificate until ${validTo}` : ''
  const how = `handshake of ${formatNs(handshakeNs)}, ${cipher}; ${chose}${until}`
  return found('TLS and HTTP', { version, cipher, alpn, validTo: validTo ?? null, mistrust }, shown, how)
}

function plainFinding(failure: string | undefined): Finding {
  if (failure !== undefined) return found('TLS and HTTP', null, 'no TLS came about', failure)
  const how = 'the URL is http; HTTP/2 is agreed on under TLS'
  return found('TLS and HTTP', { version: null, alpn: null }, 'no TLS, HTTP/1.1', how)
}

function clockFinding(answers: readonly Answer[]): Finding {
  const offset = clockOffset(answers)
  if (offset === undefined) return notTold('clock', 'no answer has a Date header')
  const { leastS, mostS } = offset
  const middle = (leastS + mostS) / 2
  const about = `±${((mostS - leastS) / 2).toFixed(1)} s`
  const shown =
    leastS <= 0 && mostS >= 0
      ? `as ours, ${about}`
      : `${Math.abs(middle).toFixed(1)} s ${middle > 0 ? 'ahead of' : 'behind'} ours, ${about}`
  const how = `Date header of ${offset.answers} answers, in whole seconds`
  return found('clock', { leastS, mostS }, shown, how)
}

/** Limits that a provider tells of, from the answer with the least left: answers come in any order. */
function limitsFinding(answers: readonly Answer[]): Finding[] {
  const all = answers.flatMap(({ headers }) => readHeaders(headers).rateLimits ?? [])
  if (all.length === 0) return []
  const told = all.reduce(leastLeft, {})
  const parts = Object.entries(told).flatMap(([kind, { limit, remaining }]) =>
    limit === undefined ? [] : [`${grouped(limit)} ${WORDS[kind] ?? kind}${left(remaining)}`],
  )
  return parts.length === 0 ? [] : [found('rate limits', told, parts.join(', '), 'headers of the answers')]
}

function leastLeft(before: RateLimits, now: RateLimits): RateLimits {
  const known = Object.entries(now).filter(([kind, { remaining }]) => {
    const least = before[kind as keyof RateLimits]?.remaining
    return least === undefined || (remaining ?? least) <= least
  })
  return { ...before, ...Object.fromEntries(known) }
}

const WORDS: Readonly<Record<string, string>> = { inputTokens: 'input tokens', outputTokens: 'output tokens' }

const left = (remaining: number | undefined): string =>
  remaining === undefined ? '' : ` (${grouped(remaining)} left)`
