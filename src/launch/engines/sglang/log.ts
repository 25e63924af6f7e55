import type { LogReader } from '../../contract.js'
import { createLogReader, type FactRule, GIB, grouped, type PhaseMark } from '../../log-reader.js'

const MARKS: readonly PhaseMark[] = [
  { pattern: /\bserver_args=ServerArgs\(/, begins: 'import' },
  { pattern: /Load weight begin/, begins: 'weights' },
  // Between the weights and the pool it works out how much memory is left for the KV cache.
  { pattern: /Load weight end/, begins: 'profiling' },
  { pattern: /KV Cache is allocated/, begins: 'kv-cache' },
  { pattern: /Capture .*graph.* begin/i, begins: 'compile' },
  { pattern: /max_total_num_tokens=\d+/, begins: 'serving' },
  { pattern: /The server is fired up/, begins: 'serving' },
]

const RULES: readonly FactRule[] = [
  { pattern: /\bsglang==?v?(\d[\w.+]*)/i, tells: ([, version = '']) => ({ version }) },
  { pattern: /\battention_backend='(\w+)'/, tells: ([, attentionBackend = '']) => ({ attentionBackend }) },
  { pattern: /Load weight end.*\bdtype=torch\.(\w+)/, tells: ([, dtype = '']) => ({ dtype }) },
  { pattern: /Load weight end.*\bmem usage=([\d.]+) GB/, tells: ([, gib]) => ({ weightBytes: bytes(gib) }) },
  {
    pattern: /KV Cache is allocated.*#tokens: ([\d,]+)/,
    tells: ([, tokens]) => ({ kvCacheTokens: grouped(tokens) }),
  },
  {
    pattern: /KV Cache is allocated.*\bKV size: ([\d.]+) GB/,
    tells: ([, gib]) => ({ kvMemoryBytes: bytes(gib) }),
  },
  {
    pattern: /KV Cache is allocated.*\bK size: ([\d.]+) GB, V size: ([\d.]+) GB/,
    tells: ([, k, v]) => ({ kvMemoryBytes: bytes(k) + bytes(v) }),
  },
  { pattern: /\bmax_total_num_tokens=(\d+)/, tells: ([, tokens]) => ({ kvCacheTokens: Number(tokens) }) },
  { pattern: /\bmax_running_requests=(\d+)/, tells: ([, requests]) => ({ maxNumSeqs: Number(requests) }) },
  { pattern: /\bcontext_len=(\d+)/, tells: ([, tokens]) => ({ maxModelLen: Number(tokens) }) },
  {
    // The budget of a step is that of chunked prefill where it chunks; -1 says that it does not.
    pattern: /\bchunked_prefill_size=(-?\d+), max_prefill_tokens=(\d+)/,
    tells: ([, chunk, whole]) => ({ maxNumBatchedTokens: Number(chunk) > 0 ? Number(chunk) : Number(whole) }),
  },
]

/** It writes GB and means 2^30 bytes. */
const bytes = (gib: string | undefined): number => Math.round(Number(gib) * GIB)

export function createSglangReader(): LogReader {
  const reader = createLogReader(MARKS, RULES)
  return {
    ...reader,
    facts() {
      const facts = reader.facts()
      const { kvCacheTokens, maxModelLen } = facts
      if (kvCacheTokens === undefined || maxModelLen === undefined) return facts
      return { ...facts, maxConcurrency: kvCacheTokens / maxModelLen }
    },
  }
}
