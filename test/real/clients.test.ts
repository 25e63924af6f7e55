import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { command } from './falloff.js'
import { clientsBin, modelFolder, offlineEnvironment, vllmBin } from './vllm.js'

/** Load generators that nobody here wrote, unmodified, against the simulated engine: they are its referees. */
const REQUESTS = 24
const STREAMS = 4
const INPUT_TOKENS = 64
const OUTPUT_TOKENS = 32

let simulator: ChildProcess | undefined
let url = ''
let model = ''
const folder = mkdtempSync(join(tmpdir(), 'falloff-clients-'))

beforeAll(async () => {
  const child = spawn(process.execPath, [command, 'simulate', 'mistral-7b-a10g', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  simulator = child
  url = await listeningAt(child)
  const models = (await (await fetch(`${url}/v1/models`)).json()) as { data: { id: string }[] }
  model = models.data[0]?.id ?? ''
})

afterAll(async () => {
  if (!simulator || simulator.exitCode !== null) return
  const ended = once(simulator, 'exit')
  simulator.kill('SIGTERM')
  await ended
})

async function listeningAt({ stdout }: ChildProcess): Promise<string> {
  if (!stdout) throw new Error('the simulator has no standard output')
  for await (const line of createInterface({ input: stdout })) {
    const found = /listening on (http:\/\/\S+)/.exec(line)?.[1]
    if (found) return found
  }
  throw new Error('the simulator ended before it listened')
}

/** Runs a client to its end. @throws with what it said when it fails */
function client(bin: string, name: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(
      join(bin, name),
      args,
      { cwd: folder, env: offlineEnvironment(bin), maxBuffer: 64 << 20 },
      (error, stdout, stderr) => {
        if (error)
          reject(
            new Error(`${name} ended with ${error.code}:\n${stdout.slice(-4000)}\n${stderr.slice(-4000)}`),
          )
        else resolve()
      },
    )
  })
}

const readJson = <T>(file: string): T => JSON.parse(readFileSync(join(folder, file), 'utf8')) as T

interface VllmBenchResult {
  readonly completed: number
  readonly failed: number
  readonly total_output_tokens: number
  readonly output_lens: readonly number[]
  readonly ttfts: readonly number[]
  readonly errors: readonly string[]
}

describe('vllm bench serve', () => {
  it.each([
    ['openai-chat', '/v1/chat/completions'],
    ['openai', '/v1/completions'],
  ])('completes every request through %s, with the output it asked for', async (backend, endpoint) => {
    const file = `vllm-${backend}.json`
    await client(vllmBin, 'vllm', [
      ...['bench', 'serve', '--backend', backend, '--base-url', url, '--endpoint', endpoint],
      ...['--model', model, '--tokenizer', modelFolder('light'), '--dataset-name', 'random'],
      ...['--random-input-len', String(INPUT_TOKENS), '--random-output-len', String(OUTPUT_TOKENS)],
      ...[
        '--num-prompts',
        String(REQUESTS),
        '--max-concurrency',
        String(STREAMS),
        '--ignore-eos',
        '--disable-tqdm',
      ],
      ...['--save-result', '--save-detailed', '--result-dir', folder, '--result-filename', file],
    ])
    const result = readJson<VllmBenchResult>(file)
    expect(result).toMatchObject({
      completed: REQUESTS,
      failed: 0,
      total_output_tokens: REQUESTS * OUTPUT_TOKENS,
    })
    expect(result.output_lens).toEqual(Array(REQUESTS).fill(OUTPUT_TOKENS))
    expect(result.errors.filter((text) => text !== '')).toEqual([])
    expect(result.ttfts.every((s) => s > 0)).toBe(true)
  })
})

interface GuideLlmReport {
  readonly benchmarks: readonly {
    readonly metrics: {
      readonly request_totals: {
        readonly successful: number
        readonly errored: number
        readonly incomplete: number
      }
      readonly output_token_count: {
        readonly successful: { readonly min: number; readonly max: number; readonly total_sum: number }
      }
    }
  }[]
}

describe('guidellm', () => {
  it('completes every request, with the output it asked for', async () => {
    const file = 'guidellm.json'
    await client(clientsBin, 'guidellm', [
      ...['run', '--backend', `kind=openai_http,target=${url},model=${model}`],
      ...[
        '--profile',
        `kind=concurrent,streams=${STREAMS}`,
        '--constraint',
        `kind=max_requests,count=${REQUESTS}`,
      ],
      ...['--tokenizer', `kind=huggingface_auto,model=${modelFolder('light')}`],
      ...['--data', `kind=synthetic_text,prompt_tokens=${INPUT_TOKENS},output_tokens=${OUTPUT_TOKENS}`],
      ...['--output', `kind=json,path=${join(folder, file)}`, '--disable-console'],
    ])
    const { benchmarks } = readJson<GuideLlmReport>(file)
    expect(benchmarks).toHaveLength(1)
    expect(benchmarks[0]?.metrics).toMatchObject({
      request_totals: { successful: REQUESTS, errored: 0, incomplete: 0 },
      output_token_count: {
        successful: { min: OUTPUT_TOKENS, max: OUTPUT_TOKENS, total_sum: REQUESTS * OUTPUT_TOKENS },
      },
    })
  })
})
