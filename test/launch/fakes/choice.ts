import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { EngineChoice } from '../../../src/launch/index.js'

/** The program that plays the engine. */
export const FAKE_ENGINE: readonly string[] = [
  process.execPath,
  fileURLToPath(new URL('engine.mjs', import.meta.url)),
]

/** What SGLang says while it starts, shortened. */
export const SGLANG_LINES: readonly string[] = [
  "[2026-11-21 10:00:00] server_args=ServerArgs(model_path='m', attention_backend='flashinfer', dp_size=1)",
  '[2026-11-21 10:00:05] Load weight begin. avail mem=78.66 GB',
  '[2026-11-21 10:00:09] Load weight end. elapsed=3.91 s, type=LlamaForCausalLM, dtype=torch.bfloat16, avail mem=63.60 GB, mem usage=15.06 GB.',
  '[2026-11-21 10:00:09] KV Cache is allocated. #tokens: 431,234, K size: 26.32 GB, V size: 26.32 GB',
  '[2026-11-21 10:00:10] Capture cuda graph begin. This can take up to several minutes. avail mem=9.78 GB',
  '[2026-11-21 10:00:16] Capture cuda graph end. Time elapsed: 6.01 s. mem usage=0.60 GB. avail mem=9.18 GB.',
  '[2026-11-21 10:00:16] max_total_num_tokens=431234, chunked_prefill_size=8192, max_prefill_tokens=16384, max_running_requests=4096, context_len=131072, available_gpu_mem=9.18 GB',
  '[2026-11-21 10:00:17] The server is fired up and ready to roll!',
]

/** SGLang, played by the fake engine, at some place. */
export const sglangAt = (place: EngineChoice['place'], more: Partial<EngineChoice> = {}): EngineChoice => ({
  kind: 'sglang',
  model: 'm',
  settings: {},
  args: [],
  env: { FAKE_LINES: JSON.stringify(SGLANG_LINES) },
  command: FAKE_ENGINE,
  readyTimeoutS: 20,
  stopTimeoutS: 2,
  place,
  ...more,
})

export interface About {
  /** Arguments of the fake engine. */
  readonly args: readonly string[]
  /** The fake engine’s own and its child’s. */
  readonly pids: readonly number[]
  /** What it found as FAKE_WORD. */
  readonly word?: string
}

export const aboutEngine = async (url: string): Promise<About> =>
  (await (await fetch(`${url}/about`)).json()) as About

/** Those of the processes that still run; one that only waits to be asked how it ended does not. */
export const stillRunning = (pids: readonly number[]): readonly number[] =>
  pids.filter(
    (pid) => existsSync(`/proc/${pid}/stat`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')),
  )
