import type { PromptPairs } from './findings.js'
import type { PromptResult } from './input.js'
import type { PromptPair } from './shares.js'

/** Prompts that both sides were asked in the same block, at the same point. */
export function pairPrompts(
  a: readonly PromptResult[] = [],
  b: readonly PromptResult[] = [],
): readonly PromptPair[] {
  const keyOf = ({ block, at, prompt }: PromptResult): string => `${block} ${prompt} ${at}`
  const known = new Map(a.map((result) => [keyOf(result), result]))
  return b.flatMap((result) => {
    const before = known.get(keyOf(result))
    return before === undefined ? [] : [{ at: result.at, a: before, b: result }]
  })
}

/** More points than this a page cannot tell apart. */
const MOST = 1500

const METRICS = [
  { metric: 'ttft', value: (p: PromptResult) => p.ttftMs },
  { metric: 'e2e', value: (p: PromptResult) => p.e2eMs },
] as const

/** For the scatter of prompts, evenly thinned; of those alone that completed on both sides. */
export function promptPairs(prompts: readonly PromptPair[]): readonly PromptPairs[] {
  const places = [...new Set(prompts.map((p) => p.at))]
  return places.flatMap((at) =>
    METRICS.flatMap(({ metric, value }) => {
      const pairs = prompts.flatMap((pair): (readonly [number, number])[] => {
        const [x, y] = [value(pair.a), value(pair.b)]
        return pair.at !== at || x === null || y === null ? [] : [[x, y]]
      })
      return pairs.length === 0 ? [] : [{ metric, unit: 'ms', at, pairs: thinned(pairs) }]
    }),
  )
}

function thinned<T>(values: readonly T[]): readonly T[] {
  const step = Math.max(1, values.length / MOST)
  return Array.from({ length: Math.min(values.length, MOST) }, (_, i) => values[Math.floor(i * step)]).filter(
    (v) => v !== undefined,
  )
}
