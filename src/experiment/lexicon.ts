import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { FalloffError, messageOf, redact, usageError } from '../base/index.js'
import { type Budget, NO_USE, setAside, settle } from '../drive/index.js'
import { call } from '../observe/index.js'
import type { Profile } from '../profile/index.js'
import { type Api, apiOf } from '../protocol/index.js'
import { type CountTokens, type Lexicon, learnLexicon } from '../workload/index.js'
import type { PreparedTarget } from './target.js'

/**
 * Learns how the target counts tokens: by its own `/tokenize` where there is one, by a local tokenizer.json where the profile
 * names one, else from `usage.prompt_tokens` of a few one-token requests.
 * @param budget that those requests count against
 */
export async function prepareLexicon(
  profile: Profile,
  target: PreparedTarget,
  budget?: Budget,
): Promise<Lexicon> {
  const { tokenizer } = profile.target
  if (profile.workload.dataset)
    return { source: 'dataset', baseTokens: 0, words: [{ text: 'the', tokens: 1 }] }
  if (tokenizer.endsWith('.json'))
    return learnLexicon('tokenizer-file', await localCount(tokenizer, profile, target, budget))
  if (tokenizer !== 'calibrate') {
    const count = serverCount(profile, target)
    if ((await count('probe').catch(() => undefined)) !== undefined) return learnLexicon('server', count)
    if (tokenizer === 'server')
      throw usageError('target.tokenizer', `${target.facts.url}/tokenize does not answer; use auto`)
  }
  return learnLexicon('calibrated', usageCount(profile, target, budget))
}

const isTemplated = (profile: Profile): boolean => apiOf(profile.target.api).templated === true

/** A count may have to wait behind a busy server's prompts. */
const COUNT_TIMEOUT_MS = 30_000

/** vLLM's `/tokenize`: given messages it applies the chat template, so the count is that of the whole prompt. */
function serverCount(profile: Profile, { baseUrl, headers, facts }: PreparedTarget): CountTokens {
  return async (text) => {
    const content = isTemplated(profile) ? { messages: [{ role: 'user', content: text }] } : { prompt: text }
    const body = { model: facts.model, ...content }
    const answer = await call(`${baseUrl}/tokenize`, { headers, body, timeoutMs: COUNT_TIMEOUT_MS })
    const count = answer.status < 300 ? countIn(answer.text) : undefined
    if (count !== undefined) return count
    throw new FalloffError(
      'TOKENIZE',
      `${facts.url}/tokenize answers with HTTP ${answer.status} and no count`,
      {
        hint: 'Set target.tokenizer to calibrate, or to the path of the model’s tokenizer.json.',
      },
    )
  }
}

function countIn(text: string): number | undefined {
  const { count } = JSON.parse(text) as { count?: unknown }
  return typeof count === 'number' ? count : undefined
}

/** One request of a single output token: what its usage says is the truth, whatever the tokenizer. */
function usageCount(
  profile: Profile,
  { baseUrl, headers, facts }: PreparedTarget,
  budget: Budget | undefined,
): CountTokens {
  const api = apiOf(profile.target.api)
  return async (text) => {
    const request = {
      ...{ model: facts.model, messages: [{ role: 'user', content: text }] },
      outputTokens: api.minOutputTokens ?? 1,
      ...{ exactOutput: false, chunkUsage: false, extraBody: profile.target.extraBody },
    }
    const body = api.encode(request)
    const most = {
      inputTokens: Math.ceil(Buffer.byteLength(body) / BYTES_PER_TOKEN),
      outputTokens: request.outputTokens,
    }
    if (budget && !setAside(budget, most)) throw budgetError()
    const { status, text: answer } = await call(`${baseUrl}${api.path}`, {
      headers: { ...api.headers, ...headers },
      body: JSON.parse(body) as unknown,
      timeoutMs: profile.limits.ttftMs,
    })
    const count = status < 300 ? promptTokensIn(api, answer) : undefined
    if (budget) settle(budget, most, count === undefined ? NO_USE : { ...most, inputTokens: count })
    if (count !== undefined) return count
    const failure = api.failureOf(status, answer, {})
    throw new FalloffError(
      'CALIBRATION',
      `a first request to ${facts.url} failed: ${redact(failure.message)}`,
      {
        hint: 'Check --model, the API and the key; `curl` the same address to see what the server says.',
      },
    )
  }
}

/** At the least. */
const BYTES_PER_TOKEN = 3

const budgetError = (): FalloffError =>
  new FalloffError('BUDGET', 'the budget does not even cover the requests that count tokens', {
    hint: 'Raise it, or name a tokenizer.json with --tokenizer: it counts without asking.',
  })

/** Undefined where the answer does not tell. */
function promptTokensIn(api: Api, answer: string): number | undefined {
  let count: number | undefined
  const ignore = (): void => {}
  const decoder = api.createDecoder(
    {
      ...{ onEvent: ignore, onOutput: ignore, onModel: ignore, onFinish: ignore },
      ...{ onTerminal: ignore, onFailure: ignore, onServerTimings: ignore },
      onUsage({ inputTokens }) {
        count = inputTokens ?? count
      },
    },
    false,
  )
  const bytes = Buffer.from(answer)
  decoder.feed(bytes, 0, bytes.length)
  decoder.end()
  return count
}

/** Counts with the file; one request tells what the chat template and special tokens add. */
async function localCount(
  path: string,
  profile: Profile,
  target: PreparedTarget,
  budget: Budget | undefined,
): Promise<CountTokens> {
  const { Tokenizer } = await import('@huggingface/tokenizers')
  const read = (file: string): object => JSON.parse(readFileSync(file, 'utf8')) as object
  const config = (() => {
    try {
      return read(join(dirname(path), 'tokenizer_config.json'))
    } catch {
      return {}
    }
  })()
  try {
    const tokenizer = new Tokenizer(read(path), config)
    const local = (text: string): number => tokenizer.encode(text, { add_special_tokens: false }).ids.length
    const overhead =
      (await usageCount(profile, target, budget)('Text: the of and')) - local('Text: the of and')
    return async (text) => local(text) + overhead
  } catch (thrown) {
    if (thrown instanceof FalloffError) throw thrown
    throw usageError(path, `is no tokenizer.json that can be read: ${messageOf(thrown)}`)
  }
}
