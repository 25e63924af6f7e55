import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cacheFolder } from './server-process.js'
import { type SimulatorProcess, startSimulator } from './simulator.js'

/** The Python packages that applications use, unmodified, against the simulator: do they understand it? */
const OUTPUT_TOKENS = 16

/** Where `.ci/setup-sdks.sh` put them. */
const python = join(cacheFolder, 'sdks', '.venv', 'bin', 'python')
const script = join(dirname(fileURLToPath(import.meta.url)), 'sdk-clients.py')

let simulator: SimulatorProcess
beforeAll(async () => {
  simulator = await startSimulator('fixed')
})
afterAll(() => simulator.stop())

interface Understood {
  readonly text: string
  /** Null where the client does not tell. */
  readonly promptTokens: number | null
  readonly outputTokens: number
  readonly finish: string
}

interface Result {
  readonly streamed: Understood
  readonly whole: Understood
}

/** @throws with what the client said when it fails */
async function understood(client: string): Promise<Result> {
  const { stdout } = await promisify(execFile)(python, [script, simulator.url, client, String(OUTPUT_TOKENS)])
  return JSON.parse(stdout) as Result
}

/** One token of text, four of its message, three for the answer. */
const CHAT_TOKENS = 8
const wordsOf = (text: string): number => text.trim().split(/\s+/).length

describe('streamed and in one piece, text and counts are what was generated', () => {
  it.each([
    ['openai_chat', CHAT_TOKENS, 'length'],
    ['openai_completions', 1, 'length'],
    ['openai_responses', CHAT_TOKENS, 'incomplete'],
    ['anthropic_messages', CHAT_TOKENS, 'max_tokens'],
    ['text_generation', null, 'length'],
    ['ollama_chat', CHAT_TOKENS, 'length'],
    ['ollama_generate', CHAT_TOKENS, 'length'],
  ])('%s', async (client, promptTokens, finish) => {
    const { streamed, whole } = await understood(client)
    for (const answer of [streamed, whole]) {
      expect(answer).toMatchObject({ promptTokens, outputTokens: OUTPUT_TOKENS, finish })
      expect(wordsOf(answer.text)).toBe(OUTPUT_TOKENS)
    }
    // Seeded or greedy, where the API has either.
    if (client !== 'anthropic_messages') expect(whole.text).toBe(streamed.text)
  })
})
