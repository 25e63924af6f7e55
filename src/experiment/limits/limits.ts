import {
  type Clock,
  FalloffError,
  monotonicNs,
  NS_PER_MS,
  NS_PER_S,
  nsToS,
  runClock,
} from '../../base/index.js'
import { type Budget, setAside, settle } from '../../drive/index.js'
import type { Profile } from '../../profile/index.js'
import { apiOf } from '../../protocol/index.js'
import { type Channel, createTransport } from '../../transport/index.js'
import type { PreparedTarget } from '../target.js'
import { type Asked, ask } from './asker.js'
import type { Try } from './estimate.js'
import { type LimitResult, resultOf, toldBy, unknownLimit } from './result.js'
import { type Found, type SearchPlan, searchLimit } from './search.js'

export interface LimitsReport {
  readonly url: string
  readonly model: string
  readonly limits: readonly LimitResult[]
  readonly sent: number
  readonly refused: number
  readonly tookS: number
}

export interface LimitsOptions {
  readonly profile: Profile
  readonly target: PreparedTarget
  /** Caps requests, tokens and money; also what the search may use up. */
  readonly budget: Budget
  /** All of it; the search for requests may take half. */
  readonly seconds: number
  /** How long each rate is held on the way up. */
  readonly stepS: number
  /** The largest prompt that is sent, in words. */
  readonly mostWords: number
  readonly onPhase: (text: string) => void
  readonly signal: AbortSignal
}

/** A request that takes as little as possible, and still counts. */
const SMALL_WORDS = 4
const TIMEOUT_MS = 30_000
const CONNECTIONS = 64
const RATES = [1, 2, 4, 8, 16] as const
const PROMPTS_EACH = 2
const MOST_PROMPTS_PER_S = 10

/**
 * Finds out what a target lets in a minute: by what its headers tell; else by asking, gently at first, until it refuses.
 *
 * @throws FalloffError when the target fails in another way
 */
export async function findLimits(options: LimitsOptions): Promise<LimitsReport> {
  const clock = runClock(monotonicNs())
  const transport = await createTransport('undici', clock, options.profile.target.api)
  const session = createSession(options, clock, (origin, setting) =>
    transport.open(origin, CONNECTIONS, setting),
  )
  try {
    options.onPhase('reading what the headers tell')
    const first = await session.one(SMALL_WORDS)
    if (first === undefined) throw spentError()
    const told = toldBy(first)
    const requests = told.find(({ kind }) => kind === 'requests') ?? (await session.requests())
    const isTold = told.some(({ kind }) => kind === 'tokens' || kind === 'inputTokens')
    const tokens = isTold ? [] : [await session.tokens(requests.perMin ?? requests.low ?? 0)]
    const others = told.filter(({ kind }) => kind !== 'requests')
    return {
      url: options.target.facts.url,
      model: options.target.facts.model,
      limits: [requests, ...others, ...tokens],
      ...session.spent(),
      tookS: nsToS(clock.nowNs()),
    }
  } finally {
    await transport.close()
  }
}

type Open = (origin: string, setting: PreparedTarget['ways'][number]['connection']) => Channel

function createSession(
  { profile, target, budget, seconds, stepS, mostWords, onPhase, signal }: LimitsOptions,
  clock: Clock,
  open: Open,
) {
  const api = apiOf(profile.target.api)
  const outputTokens = api.minOutputTokens ?? 1
  const [way] = target.ways
  if (way === undefined) throw new Error('a target without a place')
  const channel = open(way.origin, way.connection)
  const path = new URL(target.baseUrl).pathname.replace(/\/$/, '') + api.path
  let sent = 0
  let refused = 0
  /** Of a prompt, by what the answers say. */
  let tokensPerWord = 1.5
  let overheadTokens = 10

  const send = (words: number): Promise<Asked> | undefined => {
    const most = {
      inputTokens: Math.ceil(overheadTokens + words * tokensPerWord),
      outputTokens,
    }
    if (!setAside(budget, most)) return undefined
    const body = api.encode({
      ...{ model: target.facts.model, messages: [{ role: 'user', content: promptOf(words, sent++) }] },
      ...{ outputTokens, exactOutput: false, chunkUsage: false },
      extraBody: profile.target.extraBody,
    })
    return ask(channel, api, target.headers, { path, body }, TIMEOUT_MS).then((asked) => {
      if (asked.failure?.code === 'rate-limited') refused++
      const isRefused = asked.failure !== undefined && asked.usage === undefined
      settle(budget, most, isRefused ? { inputTokens: 0, outputTokens: 0 } : { ...most, ...asked.usage })
      return asked
    })
  }
  const one = async (words: number): Promise<Asked | undefined> => {
    const asked = await send(words)
    if (asked?.failure && asked.failure.code !== 'rate-limited') throw failedError(asked.failure)
    return asked
  }

  const endNs = clock.nowNs() + seconds * NS_PER_S

  /** @param amountOf what a prompt of so many words takes of the limit */
  async function search(
    plan: SearchPlan,
    amountOf: (words: number) => number,
    untilNs: number,
  ): Promise<Found> {
    const over = new AbortController()
    const timer = setTimeout(() => over.abort(), Math.max(0, untilNs - clock.nowNs()) / NS_PER_MS)
    const failures: Asked[] = []
    const found = await searchLimit({
      plan,
      clock,
      stop: AbortSignal.any([signal, over.signal]),
      send: (words) =>
        send(words)?.then((asked): Try => {
          if (asked.failure && asked.failure.code !== 'rate-limited') {
            failures.push(asked)
            if (failures.length >= MOST_FAILURES) over.abort()
          }
          return {
            atS: asked.sentNs / NS_PER_S,
            amount: amountOf(words),
            letIn: asked.failure?.code !== 'rate-limited',
          }
        }),
    })
    clearTimeout(timer)
    const [failed] = failures
    if (failed?.failure && failures.length >= MOST_FAILURES) throw failedError(failed.failure)
    return found
  }

  return {
    one,
    spent: () => ({ sent, refused }),

    async requests(): Promise<LimitResult> {
      onPhase('asking faster and faster until it refuses')
      const rising = RATES.map((perS) => ({ perS, amount: SMALL_WORDS, count: Math.ceil(perS * stepS) }))
      const next = (perS: number) => ({ perS: Math.min(2 * perS, MOST_PER_S), amount: SMALL_WORDS })
      return resultOf('requests', await search({ rising, next }, () => 1, endNs - (seconds / 2) * NS_PER_S))
    },

    /** With large prompts, at no more than half the rate at which requests alone are let in. */
    async tokens(requestsPerMin: number): Promise<LimitResult> {
      onPhase('learning how prompts are counted')
      const perS = Math.min(MOST_PROMPTS_PER_S, requestsPerMin === 0 ? 2 : requestsPerMin / 60 / 2)
      // What the other search used up must not be taken for a limit of tokens.
      const next = async (requests: number, words: number): Promise<Asked | undefined> => {
        const atNs = clock.nowNs() + (requests / perS) * NS_PER_S
        await clock.until(Math.min(atNs, endNs), signal)
        return atNs > endNs || signal.aborted ? undefined : one(words)
      }
      const short = await next(refused > 0 ? 3 : 0, 20)
      const long = short && (await next(1, 220))
      if (!(short && long)) return unknownLimit('tokens', 'no cap left anything to ask with')
      await clock.until(Math.min(clock.nowNs() + NS_PER_S / perS, endNs), signal)
      if (short.usage?.inputTokens !== undefined && long.usage?.inputTokens !== undefined) {
        tokensPerWord = (long.usage.inputTokens - short.usage.inputTokens) / 200
        overheadTokens = short.usage.inputTokens - 20 * tokensPerWord
      }
      onPhase('asking with longer and longer prompts until it refuses')
      const amountOf = (words: number): number => overheadTokens + words * tokensPerWord + outputTokens
      const sizes = [100, 200, 400, 800, 1600, 3200, 6400].filter((words) => words <= mostWords)
      const rising = sizes.map((words) => ({ perS, amount: words, count: PROMPTS_EACH }))
      const faster = (tokensPerS: number) => ({
        perS,
        amount: Math.round(Math.max(10, Math.min(mostWords, (2 * tokensPerS) / perS / tokensPerWord))),
      })
      return resultOf('tokens', await search({ rising, next: faster }, amountOf, endNs))
    },
  }
}

const MOST_FAILURES = 5
const MOST_PER_S = 50

/** No two alike: a prompt that is in a cache may be counted otherwise. */
const promptOf = (words: number, number: number): string =>
  [`${number}`, ...Array.from({ length: words - 1 }, (_, i) => WORDS[(i * 7 + number) % WORDS.length])].join(
    ' ',
  )
const WORDS = ['the', 'and', 'with', 'from', 'this', 'that', 'some', 'more', 'than', 'over', 'into']

const spentError = (): FalloffError =>
  new FalloffError('LIMITS', 'the cap leaves nothing to ask with', {
    hint: 'Raise --max-requests or --max-usd.',
  })

const failedError = ({ code, message }: { code: string; message: string }): FalloffError =>
  new FalloffError('LIMITS', `the target does not answer as it should (${code}: ${message})`, {
    hint: 'Check --model, the API and the key; `falloff probe` tells what the target speaks.',
  })
