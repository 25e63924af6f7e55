import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { RequestRecord } from '../../src/record/index.js'

/** Result files that the tools themselves wrote, of one load at one simulated engine; only what is read of them is kept. */
const FOLDER = fileURLToPath(new URL('../fixtures/exchange/', import.meta.url))

export const fixture = (name: string): string => `${FOLDER}${name}`
export const readFixture = (name: string): string => readFileSync(fixture(name), 'utf8')

/** falloff's own run of the same load. */
export const OURS = fixture('falloff')

const NS_PER_S = 1e9

/** What a request of another tool tells, in seconds. */
export interface Told {
  readonly sentS: number
  /** First event of any kind, where it came before the first token. */
  readonly firstEventS?: number
  readonly firstTokenS: number
  readonly lastTokenS: number
  readonly endS: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** Gaps between chunks that carry output. */
  readonly gapsS?: readonly number[]
}

/** A record as falloff would have kept it, had it stamped what the other tool did. */
export function recordOf(told: Told, index: number): RequestRecord {
  const ns = (s: number): number => s * NS_PER_S
  const { firstEventS, gapsS = [] } = told
  return {
    ...{ index, point: 'run', worker: 0, phase: 'measured', state: 'completed', stamps: 'loop' },
    scheduledNs: ns(told.sentS),
    sentNs: ns(told.sentS),
    ...(firstEventS !== undefined && { firstEventNs: ns(firstEventS) }),
    firstTokenNs: ns(told.firstTokenS),
    firstVisibleNs: ns(told.firstTokenS),
    lastTokenNs: ns(told.lastTokenS),
    endNs: ns(told.endS),
    inputTokensAsked: told.inputTokens,
    inputTokens: told.inputTokens,
    outputTokensAsked: told.outputTokens,
    outputTokens: told.outputTokens,
    tokenSource: 'usage',
    chunks: [told.firstTokenS - told.sentS, ...gapsS].flatMap((s) => [ns(s), 1]),
    ...{ coalescedChunks: 0, bytesSent: 1, bytesReceived: 1 },
  }
}

export async function* each<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values
}
