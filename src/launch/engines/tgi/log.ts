import type { LogReader } from '../../contract.js'
import { createLogReader, type FactRule, grouped, type PhaseMark } from '../../log-reader.js'

const MARKS: readonly PhaseMark[] = [
  // The weights are fetched and turned over first, and read by the shard; it tells no end of its imports.
  { pattern: /Starting (?:check and )?download process/, begins: 'import' },
  { pattern: /Starting shard/, begins: 'weights' },
  // It works out how many tokens the memory holds, by trying, and captures the CUDA graphs after it.
  { pattern: /Shard ready in|Warming up model/, begins: 'profiling' },
  { pattern: /Cuda Graphs are enabled for sizes/, begins: 'compile' },
  { pattern: /Setting max batch total tokens to/, begins: 'serving' },
  { pattern: /\bConnected\b/, begins: 'serving' },
]

const RULES: readonly FactRule[] = [
  {
    pattern: /Setting max batch total tokens to ([\d,]+)/,
    tells: ([, n]) => ({ kvCacheTokens: grouped(n) }),
  },
  { pattern: /KV-cache blocks: (\d+)/, tells: ([, blocks]) => ({ kvBlocks: Number(blocks) }) },
  // The arguments stand in one line of older versions and one to a line in newer ones.
  { pattern: /\bmax_total_tokens: (?:Some\(\s*)?(\d+)/, tells: ([, n]) => ({ maxModelLen: Number(n) }) },
  { pattern: /Default `max_total_tokens` to (\d+)/, tells: ([, n]) => ({ maxModelLen: Number(n) }) },
  {
    pattern: /\bmax_batch_prefill_tokens: (?:Some\(\s*)?(\d+)/,
    tells: ([, n]) => ({ maxNumBatchedTokens: Number(n) }),
  },
  {
    pattern: /Default `max_batch_prefill_tokens` to (\d+)/,
    tells: ([, n]) => ({ maxNumBatchedTokens: Number(n) }),
  },
  { pattern: /\bmax_batch_size: (?:Some\(\s*)?(\d+)/, tells: ([, n]) => ({ maxNumSeqs: Number(n) }) },
  {
    pattern: /Using [Aa]ttention (?:= )?(\w+)/,
    tells: ([, attentionBackend = '']) => ({ attentionBackend }),
  },
]

/** Of a line with colours, what is read. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one.
const COLOURS = /\u001b\[[\d;]*m/g

/** A setting whose value stands alone in the line behind it. */
const OPENED = /\b(max_total_tokens|max_batch_prefill_tokens|max_batch_size): Some\($/

export function createTgiReader(): LogReader {
  const reader = createLogReader(MARKS, RULES)
  let opened = ''
  return {
    ...reader,
    line(text, atS) {
      const plain = text.replace(COLOURS, '').trimEnd()
      reader.line(`${opened}${plain}`, atS)
      opened = OPENED.test(plain) ? plain : ''
    },
    facts() {
      const facts = reader.facts()
      const { kvCacheTokens, maxModelLen } = facts
      if (kvCacheTokens === undefined || maxModelLen === undefined) return facts
      return { ...facts, maxConcurrency: kvCacheTokens / maxModelLen }
    },
  }
}
