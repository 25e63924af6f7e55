/** Process exit codes: what the caller of the command may rely on. */
export const EXIT = {
  done: 0,
  internal: 1,
  usage: 2,
  objectiveFailed: 3,
  regression: 4,
  inconclusive: 5,
  invalid: 6,
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** One thing wrong with what the user wrote. */
export interface Problem {
  /** Where: a path in the profile (`load.ratePerS`), a flag (`--over`), or a file and line. */
  readonly place: string
  /** What was found, what was expected, and the way out. */
  readonly message: string
}

/** What the user wrote cannot be used. Carries every problem found, not only the first. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly problems: readonly Problem[]
  constructor(problems: readonly Problem[]) {
    super(problems.map((p) => `${p.place}: ${p.message}`).join('\n'))
    this.problems = problems
  }
}

/** Shorthand for the common case of a single problem. */
export const usageError = (place: string, message: string): UsageError => new UsageError([{ place, message }])

/** A failure that is nobody's wrong input: target unreachable, engine did not start, unreadable results. Exit code 1. */
export class FalloffError extends Error {
  override readonly name = 'FalloffError'
  readonly code: string
  readonly hint: string | undefined
  constructor(code: string, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.hint = options.hint
  }
}

/** The message of anything thrown. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown)
