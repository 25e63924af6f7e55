import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { cacheFolder } from './server-process.js'
import { type SimulatorProcess, startSimulator } from './simulator.js'
import { modelFolder } from './vllm.js'

/** A load generator that nobody here wrote and that speaks four of the simulator's APIs. */
const REQUESTS = 16
const OUTPUT_TOKENS = 32

/** Where `.ci/setup-sdks.sh` put it. */
const bin = join(cacheFolder, 'aiperf', '.venv', 'bin')

let simulator: SimulatorProcess
beforeAll(async () => {
  simulator = await startSimulator('mistral-7b-a10g')
})
afterAll(() => simulator.stop())

interface Export {
  readonly request_count: { readonly avg: number }
  readonly error_request_count?: { readonly avg: number } | null
  readonly time_to_first_token: { readonly min: number; readonly count: number }
  readonly output_sequence_length?: { readonly min: number; readonly max: number } | null
}

/** Told that it is offline it looks for tokenizers in a cache of downloads only, so it is not told. */
async function aiperf(endpoint: string): Promise<Export> {
  const folder = mkdtempSync(join(tmpdir(), 'falloff-aiperf-'))
  const args = [
    ...['profile', '--model', simulator.model, '--url', simulator.url, '--endpoint-type', endpoint],
    ...['--streaming', '--concurrency', '4', '--request-count', String(REQUESTS), '--isl', '64'],
    ...['--osl', String(OUTPUT_TOKENS), '--extra-inputs', 'ignore_eos:true'],
    ...['--tokenizer', modelFolder('light'), '--use-server-token-count', '--no-server-metrics'],
    ...['--no-gpu-telemetry', '--ui', 'none', '--artifact-dir', folder],
  ]
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH ?? ''}`, DO_NOT_TRACK: '1' }
  await promisify(execFile)(join(bin, 'aiperf'), args, { env, maxBuffer: 64 << 20 })
  return JSON.parse(readFileSync(join(folder, 'profile_export_aiperf.json'), 'utf8')) as Export
}

it.each(['chat', 'responses', 'messages', 'huggingface-generate'])(
  'aiperf completes every request through %s, with a first token in each',
  async (endpoint) => {
    const { request_count, error_request_count, time_to_first_token, output_sequence_length } =
      await aiperf(endpoint)
    expect(request_count.avg).toBe(REQUESTS)
    expect(error_request_count?.avg ?? 0).toBe(0)
    expect(time_to_first_token.count).toBe(REQUESTS)
    expect(time_to_first_token.min).toBeGreaterThan(0)
    // Of the four it reads the server's own count in chat only.
    if (endpoint === 'chat')
      expect(output_sequence_length).toMatchObject({ min: OUTPUT_TOKENS, max: OUTPUT_TOKENS })
  },
)
