import { nsToMs, nsToS } from '../../base/index.js'
import {
  type Answered,
  type Dialect,
  type DialectRequests,
  type DialectRow,
  gapsMs,
  latencyMs,
  perS,
  sumOf,
  valuesOf,
} from './dialect.js'
import { numpyStats, only } from './statistics.js'

/** The first event that has choices: in chat the one that names the role and holds no text. */
const firstNs = ({ record, firstTokenNs }: Answered): number | undefined =>
  firstTokenNs === undefined ? undefined : Math.min(record.firstEventNs ?? firstTokenNs, firstTokenNs)

function ttft(request: Answered): number | undefined {
  const atNs = firstNs(request)
  return atNs === undefined ? undefined : nsToMs(atNs - request.sentNs)
}

function tpot(request: Answered): number | undefined {
  const first = ttft(request)
  const { outputTokens = 0 } = request
  return first === undefined || outputTokens <= 1
    ? undefined
    : (latencyMs(request) - first) / (outputTokens - 1)
}

/** Between all events with choices: one more than there are gaps between outputs where a role came first. */
function itls(request: Answered): readonly number[] {
  const atNs = firstNs(request)
  const { firstTokenNs } = request
  const role =
    atNs === undefined || firstTokenNs === undefined || atNs === firstTokenNs
      ? []
      : [nsToMs(firstTokenNs - atNs)]
  return [...role, ...gapsMs(request)]
}

/** Most chunks, and most requests, in a second that counts from the first send; a chunk counts as one token. */
function peaks({ completed }: DialectRequests): { chunks: number; requests: number } {
  const zeroNs = Math.min(...completed.map((r) => r.sentNs))
  const second = (atNs: number): number => Math.floor(nsToS(atNs - zeroNs))
  const chunks = new Map<number, number>()
  const requests = new Map<number, number>()
  const count = (into: Map<number, number>, key: number) => into.set(key, (into.get(key) ?? 0) + 1)
  for (const request of completed) {
    let atNs = firstNs(request) ?? request.sentNs
    count(chunks, second(atNs))
    for (const gapMs of itls(request)) {
      atNs += gapMs * 1e6
      count(chunks, second(atNs))
    }
    const until = second(request.sentNs + latencyMs(request) * 1e6)
    for (let s = second(request.sentNs); s <= until; s++) count(requests, s)
  }
  return { chunks: Math.max(0, ...chunks.values()), requests: Math.max(0, ...requests.values()) }
}

export const VLLM: Dialect = {
  tool: 'vllm bench serve 0.32.0',
  about:
    'completed requests, from the first send to the last end, ramp and drain included; percentiles by linear interpolation',
  rows(requests): readonly DialectRow[] {
    const { completed } = requests
    const output = sumOf(valuesOf(completed, (r) => r.outputTokens))
    const input = sumOf(completed.map((r) => r.record.inputTokensAsked || r.inputTokens))
    const peak = peaks(requests)
    const row = (name: string, unit: string, definition: string, stats: DialectRow['stats']): DialectRow => ({
      ...{ name, unit, definition, stats },
    })
    return [
      row(
        'TTFT',
        'ms',
        'first event with choices − sentNs: a role without text counts',
        numpyStats(valuesOf(completed, ttft)),
      ),
      row(
        'TPOT',
        'ms',
        '(E2EL − TTFT) / (outputTokens − 1), with their TTFT',
        numpyStats(valuesOf(completed, tpot)),
      ),
      row(
        'ITL',
        'ms',
        'gaps between events with choices, pooled: per chunk, and a false one after a role',
        numpyStats(completed.flatMap(itls)),
      ),
      row('E2EL', 'ms', 'lastTokenNs − sentNs', numpyStats(completed.map(latencyMs))),
      row('Request throughput', 'req/s', 'completed / duration', only(perS(completed.length, requests))),
      row('Output token throughput', 'tok/s', 'Σ outputTokens / duration', only(perS(output, requests))),
      row(
        'Total token throughput',
        'tok/s',
        'Σ (inputTokensAsked + outputTokens) / duration',
        only(perS(input + output, requests)),
      ),
      row('Peak output token throughput', 'tok/s', 'most chunks in a whole second', only(peak.chunks)),
      row('Peak concurrent requests', '', 'most requests that touch a whole second', only(peak.requests)),
    ]
  },
}
