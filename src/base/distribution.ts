import type { Random } from './random.js'

/** How a length or a time is distributed. */
export type DistributionSpec =
  | number
  | { readonly uniform: readonly [number, number] }
  | {
      readonly normal: { readonly mean: number; readonly stdDev: number }
      readonly min?: number | undefined
      readonly max?: number | undefined
    }
  | {
      readonly lognormal: { readonly median: number; readonly sigma: number }
      readonly min?: number | undefined
      readonly max?: number | undefined
    }
  | { readonly table: readonly (readonly [value: number, weight: number])[] }

const clip = (x: number, min = 0, max = Number.POSITIVE_INFINITY): number => Math.min(max, Math.max(min, x))

/** A sampler for the distribution; draws from `random` and nothing else. */
export function sampler(spec: DistributionSpec, random: Random): () => number {
  if (typeof spec === 'number') return () => spec
  if ('uniform' in spec) {
    const [from, to] = spec.uniform
    return () => from + (to - from) * random.uniform()
  }
  if ('normal' in spec) {
    const { mean, stdDev } = spec.normal
    return () => clip(mean + stdDev * random.normal(), spec.min, spec.max)
  }
  if ('lognormal' in spec) {
    const { median, sigma } = spec.lognormal
    return () => clip(median * Math.exp(sigma * random.normal()), spec.min, spec.max)
  }
  return tableSampler(spec.table, random)
}

function tableSampler(table: readonly (readonly [number, number])[], random: Random): () => number {
  const total = table.reduce((sum, [, weight]) => sum + weight, 0)
  return () => {
    let left = random.uniform() * total
    for (const [value, weight] of table) {
      left -= weight
      if (left < 0) return value
    }
    return table.at(-1)?.[0] ?? 0
  }
}

/** A sampler of whole numbers of at least `least`. A uniform range gives both of its ends the weight of the others. */
export function integerSampler(spec: DistributionSpec, random: Random, least: number): () => number {
  if (typeof spec === 'object' && 'uniform' in spec) {
    const [from, to] = spec.uniform
    return () => Math.max(least, random.integer(Math.ceil(from), Math.floor(to)))
  }
  const sample = sampler(spec, random)
  return () => Math.max(least, Math.round(sample()))
}
