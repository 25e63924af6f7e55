import { FIGURES } from '../figures/index.js'
import { mcnemarP } from '../stats/index.js'
import type { ShareComparison } from './findings.js'
import type { PromptResult } from './input.js'
import { type PairInput, pointAt, sharedPoints } from './metrics.js'
import { clustersOf, SHARES, shareContrast } from './share.js'

/** One prompt that both sides were asked. */
export interface PromptPair {
  readonly at: string
  readonly a: PromptResult
  readonly b: PromptResult
}

/** Shares of requests at every point that both sides hold. */
export const sharesOf = (pair: PairInput, prompts: readonly PromptPair[]): readonly ShareComparison[] =>
  sharedPoints(pair).flatMap((at) =>
    SHARES.flatMap((key) => {
      const [a, b] = [pair.a, pair.b].map((runs) =>
        clustersOf(
          runs.map((run) => pointAt(run, at)),
          key,
        ),
      )
      const found = shareContrast(a ?? [], b ?? [], pair.level)
      const figure = FIGURES.find((f) => f.key === key)
      if (found === null || figure === undefined) return []
      const ofFailures = key === 'errorRate'
      return [
        {
          key,
          label: figure.label,
          at,
          a: sideOf(found.a),
          b: sideOf(found.b),
          difference: found.difference,
          designEffect: found.designEffect,
          mcnemar: ofFailures ? mcnemarOf(prompts.filter((p) => p.at === at)) : null,
          kinds: ofFailures ? kindsOf(pair, at) : [],
        },
      ]
    }),
  )

const sideOf = ({ count, of, low, high }: ShareComparison['a']): ShareComparison['a'] => ({
  count,
  of,
  low,
  high,
})

function mcnemarOf(prompts: readonly PromptPair[]): ShareComparison['mcnemar'] {
  if (prompts.length === 0) return null
  const onlyA = prompts.filter(({ a, b }) => !a.completed && b.completed).length
  const onlyB = prompts.filter(({ a, b }) => a.completed && !b.completed).length
  return { onlyA, onlyB, p: mcnemarP(onlyA, onlyB) }
}

function kindsOf({ a, b }: PairInput, at: string): ShareComparison['kinds'] {
  const tally = (runs: PairInput['a']): ReadonlyMap<string, number> => {
    const counts = new Map<string, number>()
    for (const { code, count } of runs.flatMap((run) => pointAt(run, at)?.failures ?? []))
      counts.set(code, (counts.get(code) ?? 0) + count)
    return counts
  }
  const [ofA, ofB] = [tally(a), tally(b)]
  return [...new Set([...ofA.keys(), ...ofB.keys()])]
    .map((code) => ({ code, a: ofA.get(code) ?? 0, b: ofB.get(code) ?? 0 }))
    .sort((x, y) => y.a + y.b - (x.a + x.b) || (x.code < y.code ? -1 : 1))
}
