/** What the child is told, as JSON on its standard input: headers may hold keys, which an argument would show to everybody. */
export interface FloorJob {
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly connections: number
  /** It ends after so many seconds or requests, whichever is first. */
  readonly seconds: number
  readonly amount: number
}

/** What it prints, as one line of JSON. */
export interface FloorSample {
  /** From the wish to send to the whole answer, in ns, of 2xx answers in order of their end. */
  readonly latenciesNs: readonly number[]
  /** From the start to the last answer. */
  readonly tookNs: number
  /** Answers of any status. */
  readonly answers: number
  readonly non2xx: number
  /** No answer at all: refused, broken off, or not within ten seconds. */
  readonly errors: number
}
