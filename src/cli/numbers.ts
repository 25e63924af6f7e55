import type { Problem } from '../base/index.js'

/** Reads numbers out of flags that are given as words, so that a wrong one is shown as it was written. */
export function numbersFrom(problems: Problem[]) {
  const read = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text))
  const complain = (flag: string, expected: string, got: string): void => {
    problems.push({ place: flag, message: `expected ${expected}; got ${got}` })
  }
  return {
    whole(flag: string, text: string, from: number, to: number): number {
      const value = read(text)
      if (!(Number.isInteger(value) && value >= from && value <= to)) {
        complain(flag, `a whole number from ${from} to ${to.toLocaleString('en-US')}`, text)
      }
      return value
    },
    any(flag: string, text: string, from: number, to: number): number {
      const value = read(text)
      if (!(value >= from && value <= to)) complain(flag, `a number from ${from} to ${to}`, text)
      return value
    },
    /** `1,50,200`: each once, ascending. */
    list(flag: string, text: string, from: number, to: number): readonly number[] {
      const values = text.split(',').map(read)
      if (!values.every((value) => Number.isInteger(value) && value >= from && value <= to)) {
        complain(
          flag,
          `whole numbers from ${from} to ${to.toLocaleString('en-US')} with commas between them`,
          text,
        )
      }
      return [...new Set(values)].sort((a, b) => a - b)
    },
  }
}
