/** A seeded source of random numbers. Same seed and stream, same sequence, on every machine. */
export interface Random {
  /** Uniform in [0, 1), with 53 random bits. */
  uniform(): number
  /** Uniform integer in [from, to], both included. */
  integer(from: number, to: number): number
  /** Standard normal. */
  normal(): number
  /** Exponential with mean 1. */
  exponential(): number
  /** Gamma with the given shape and mean `shape` (scale 1). */
  gamma(shape: number): number
}

/** FNV-1a over the text: turns a stream's name into a number that seeds it. */
export function hash32(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return h >>> 0
}

/** splitmix32: spreads a seed over the state words of the generator. */
function splitmix32(seed: number): () => number {
  let a = seed >>> 0
  return () => {
    a = (a + 0x9e3779b9) >>> 0
    let t = a ^ (a >>> 16)
    t = Math.imul(t, 0x21f0aaad)
    t ^= t >>> 15
    t = Math.imul(t, 0x735a2d97)
    return (t ^ (t >>> 15)) >>> 0
  }
}

/**
 * sfc32 by Chris Doty-Humphrey (public domain), seeded by splitmix32 from `seed` and the stream's name.
 * One stream per dimension (`arrivals`, `prompts`, …) lets each be changed without the others.
 */
export function createRandom(seed: number, stream = ''): Random {
  const mix = splitmix32((seed ^ hash32(stream)) >>> 0)
  let a = mix()
  let b = mix()
  let c = mix()
  let counter = 1
  const next32 = (): number => {
    const t = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return t >>> 0
  }
  for (let i = 0; i < 12; i++) next32()

  const uniform = (): number => ((next32() >>> 5) * 0x4000000 + (next32() >>> 6)) / 0x20000000000000
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())

  // Marsaglia and Tsang (2000), "A simple method for generating gamma variables"; shape below 1 by their boost.
  const gamma = (shape: number): number => {
    if (shape < 1) return gamma(shape + 1) * (1 - uniform()) ** (1 / shape)
    const d = shape - 1 / 3
    const k = 1 / Math.sqrt(9 * d)
    for (;;) {
      const x = normal()
      const v = (1 + k * x) ** 3
      if (v > 0 && Math.log(1 - uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v
    }
  }

  return {
    uniform,
    integer: (from, to) => from + Math.floor(uniform() * (to - from + 1)),
    normal,
    exponential: () => -Math.log(1 - uniform()),
    gamma,
  }
}
