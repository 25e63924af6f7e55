import type { LogReader } from '../../contract.js'
import { createLogReader, type FactRule, GIB, type PhaseMark } from '../../log-reader.js'

const MIB = 1024 ** 2

const MARKS: readonly PhaseMark[] = [
  { pattern: /load_model: loading model|main: loading model/, begins: 'import' },
  { pattern: /load_tensors: (?:loading model tensors|.*buffer size)/, begins: 'weights' },
  {
    pattern: /llama_context: constructing|llama_context: n_seq_max|llama_init_from_model:/,
    begins: 'kv-cache',
  },
  // An empty run makes the kernels and the pages of the weights warm.
  { pattern: /warming up the model/, begins: 'profiling' },
  {
    pattern: /initializing(?: slots)?, n_slots = |main: model loaded|server is listening on/,
    begins: 'serving',
  },
]

const RULES: readonly FactRule[] = [
  { pattern: /\bbuild: (\d+) \(/, tells: ([, build = '']) => ({ version: `b${build}` }) },
  { pattern: /print_info: file type\s+= (\S+)/, tells: ([, dtype = '']) => ({ dtype }) },
  {
    pattern: /print_info: file size\s+= ([\d.]+) (MiB|GiB)/,
    tells: ([, n, unit]) => ({ weightBytes: bytes(n, unit) }),
  },
  { pattern: /llama_context: n_ctx\s+= (\d+)/, tells: ([, n]) => ({ kvCacheTokens: Number(n) }) },
  { pattern: /llama_context: n_batch\s+= (\d+)/, tells: ([, n]) => ({ maxNumBatchedTokens: Number(n) }) },
  {
    pattern: /llama_context: flash_attn\s+= (\w+)/,
    tells: ([, flash = '']) => ({
      attentionBackend: /^(?:1|enabled|true)$/.test(flash) ? 'flash' : `flash ${flash}`,
    }),
  },
  {
    pattern: /initializing(?: slots)?, n_slots = (\d+)(?:, n_ctx_slot = (\d+))?/,
    tells: ([, slots, tokens]) => ({
      maxNumSeqs: Number(slots),
      ...(tokens !== undefined && { maxModelLen: Number(tokens) }),
    }),
  },
  { pattern: /new slot,? n_ctx(?:_slot)? = (\d+)/, tells: ([, n]) => ({ maxModelLen: Number(n) }) },
]

/** One line for each device. */
const KV_BUFFER = /\bKV buffer size = +([\d.]+) MiB/

const bytes = (n: string | undefined, unit: string | undefined): number =>
  Math.round(Number(n) * (unit === 'GiB' ? GIB : MIB))

export function createLlamacppReader(): LogReader {
  const reader = createLogReader(MARKS, RULES)
  let kvMemoryBytes = 0
  return {
    ...reader,
    line(text, atS) {
      reader.line(text, atS)
      kvMemoryBytes += bytes(KV_BUFFER.exec(text)?.[1] ?? '0', 'MiB')
    },
    facts() {
      const facts = { ...reader.facts(), ...(kvMemoryBytes > 0 && { kvMemoryBytes }) }
      const { kvCacheTokens, maxModelLen } = facts
      if (kvCacheTokens === undefined || maxModelLen === undefined) return facts
      return { ...facts, maxConcurrency: kvCacheTokens / maxModelLen }
    },
  }
}
