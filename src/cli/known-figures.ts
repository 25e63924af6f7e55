import { FIGURES } from '../analyse/index.js'
import { nearest, UsageError } from '../base/index.js'

/** The keys, each a figure's. `ttft p99` is taken for `ttft.p99`. @throws UsageError that names every other one */
export function knownFigures(flag: string, keys: readonly string[]): readonly string[] {
  const known = FIGURES.map(({ key }) => key)
  const dotted = keys.map((key) => key.trim().replace(/\s+/g, '.'))
  const problems = dotted
    .filter((key) => !known.includes(key))
    .map((key) => {
      const guess = nearest(key, known)
      return { place: flag, message: `unknown figure "${key}"${guess ? `; did you mean "${guess}"?` : ''}` }
    })
  if (problems.length > 0) throw new UsageError(problems)
  return dotted
}
