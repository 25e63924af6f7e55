import type { EmitterShape } from '../../emitter/index.js'

const TTFT_MS = 200

/** A way of spreading the events of a stream, told to the emitter. */
interface NamedShape {
  readonly name: string
  /** What it adds to the plain one. */
  readonly extra: Partial<EmitterShape>
}

/** One event a packet, one packet an event, at an even pace. */
export const PLAIN = 'plain'

/** As servers differ: each of these has been the undoing of some client. */
const OTHERS: readonly NamedShape[] = [
  { name: 'jittered', extra: { jitter: 'exponential' } },
  { name: 'lockstep', extra: { lockstep: true } },
  { name: '4 tokens a chunk', extra: { tokensPerChunk: 4, usageOnEveryChunk: true } },
  { name: '5 events a packet', extra: { eventsPerPacket: 5 } },
  { name: '3 packets an event', extra: { packetsPerEvent: 3 } },
  { name: 'role chunk alone', extra: { roleChunk: 'alone' } },
  { name: 'reasoning first', extra: { reasoning: 10 } },
]

export const OTHER_SHAPES: readonly string[] = OTHERS.map(({ name }) => name)

export interface StreamPlan {
  readonly shape: Partial<EmitterShape>
  readonly outputTokens: number
  /** From a request's arrival to its last event, on average. */
  readonly lifeS: number
}

/** A stream of this shape that goes on for a second after its first event. */
export function streamPlan(name: string, eventsPerS: number): StreamPlan {
  const extra = OTHERS.find((shape) => shape.name === name)?.extra ?? {}
  return {
    shape: { ttftMs: TTFT_MS, gapMs: 1000 / eventsPerS, ...extra },
    outputTokens: (Math.ceil(eventsPerS) + 1) * (extra.tokensPerChunk ?? 1),
    lifeS: TTFT_MS / 1000 + Math.ceil(eventsPerS) / eventsPerS,
  }
}
