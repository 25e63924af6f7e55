import type { LogReader } from '../../contract.js'
import { createLogReader, type FactRule, type PhaseMark } from '../../log-reader.js'

const MARKS: readonly PhaseMark[] = [
  { pattern: /msg="Listening on /, begins: 'import' },
  // The first request is there: it works out how the model fits, allocates, then reads the weights.
  { pattern: /msg="loading model"/, begins: 'profiling' },
  { pattern: /msg=load request="\{Operation:(?:alloc|commit)/, begins: 'kv-cache' },
  { pattern: /msg="waiting for (?:llama runner to start|server to become available)/, begins: 'weights' },
  { pattern: /msg="llama runner started in/, begins: 'serving' },
]

/** `Parallel:4 BatchSize:512 FlashAttention:Enabled KvSize:8192 …`: what the runner was told in the end. */
const LOAD =
  /msg=load request="\{Operation:commit .*\bParallel:(\d+) BatchSize:(\d+) FlashAttention:(\w+) KvSize:(\d+)/

const RULES: readonly FactRule[] = [
  { pattern: /msg="Listening on .*\(version ([^)]+)\)/, tells: ([, version = '']) => ({ version }) },
  { pattern: /\bfile_type=(\S+)/, tells: ([, dtype = '']) => ({ dtype }) },
  {
    pattern: LOAD,
    tells: ([, parallel, batch, flash, tokens]) => ({
      maxNumSeqs: Number(parallel),
      maxConcurrency: Number(parallel),
      maxNumBatchedTokens: Number(batch),
      kvCacheTokens: Number(tokens),
      maxModelLen: Number(tokens) / Number(parallel),
      attentionBackend: flash === 'Enabled' ? 'flash' : `flash ${flash?.toLowerCase()}`,
    }),
  },
]

/** One line for each device, each time it says them. */
const SIZE = /msg="(model weights|kv cache)" device=(\S+) size="([\d.]+) (B|KiB|MiB|GiB)"/
const UNIT_BYTES: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }

export function createOllamaReader(): LogReader {
  const reader = createLogReader(MARKS, RULES)
  const weights = new Map<string, number>()
  const cache = new Map<string, number>()
  return {
    ...reader,
    line(text, atS) {
      reader.line(text, atS)
      const [, what, device = '', size, unit = ''] = SIZE.exec(text) ?? []
      if (what === undefined) return
      const held = what === 'kv cache' ? cache : weights
      held.set(device, Math.round(Number(size) * (UNIT_BYTES[unit] ?? 1)))
    },
    facts: () => ({
      ...reader.facts(),
      ...(weights.size > 0 && { weightBytes: sum(weights) }),
      ...(cache.size > 0 && { kvMemoryBytes: sum(cache) }),
    }),
    phases: () =>
      reader
        .phases()
        .map((phase) =>
          phase.name === 'weights' && weights.size > 0 ? { ...phase, bytes: sum(weights) } : phase,
        ),
  }
}

const sum = (sizes: ReadonlyMap<string, number>): number =>
  [...sizes.values()].reduce((total, n) => total + n, 0)
