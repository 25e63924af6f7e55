/** One thing found out, or not: `value` is null where nothing told. */
export interface Finding {
  readonly name: string
  /** Plain, for programs. */
  readonly value: unknown
  /** The same in words. */
  readonly shown: string
  /** What showed it. */
  readonly how: string
}

/** Findings that belong together, in the order in which they are shown. */
export interface FindingGroup {
  readonly title: string
  readonly findings: readonly Finding[]
}

export const found = (name: string, value: unknown, shown: string, how: string): Finding => ({
  ...{ name, value, shown, how },
})

export const notTold = (name: string, how: string): Finding => found(name, null, 'not told', how)

const MANY = 6

/** `a, b and 3 more` */
export function listed(words: readonly string[]): string {
  if (words.length <= MANY) return words.join(', ')
  return `${words.slice(0, MANY - 1).join(', ')} and ${words.length - MANY + 1} more`
}

export const grouped = (count: number): string => count.toLocaleString('en-US')
