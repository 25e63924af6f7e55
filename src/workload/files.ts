import { readFileSync } from 'node:fs'
import { messageOf, type Problem, UsageError, usageError } from '../base/index.js'

export function readDataFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (thrown) {
    throw usageError(path, `cannot be read: ${messageOf(thrown)}`)
  }
}

/** How many faulty lines are named before the rest is only counted. */
const MAX_NAMED = 5

/** Collects the faults of a data file, so that one reading names them all. */
export class LineFaults {
  readonly #problems: Problem[] = []
  readonly #path: string
  #more = 0
  constructor(path: string) {
    this.#path = path
  }
  add(line: number, message: string): void {
    if (this.#problems.length < MAX_NAMED) this.#problems.push({ place: `${this.#path}:${line}`, message })
    else this.#more++
  }
  throwIfAny(): void {
    if (this.#problems.length === 0) return
    const more =
      this.#more > 0 ? [{ place: this.#path, message: `${this.#more} further lines have faults` }] : []
    throw new UsageError([...this.#problems, ...more])
  }
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
