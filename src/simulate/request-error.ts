/** Why a request is refused or a stream fails; each API says it with a status and words of its own. */
export type ErrorKind =
  | 'invalid'
  | 'too-long'
  | 'no-model'
  | 'no-key'
  | 'rate-limited'
  | 'no-quota'
  | 'overloaded'
  | 'unavailable'
  | 'failed'

interface Particulars {
  /** The member of the request that is at fault. */
  readonly param?: string
  readonly retryAfterMs?: number
  /** Which of the account's limits was met; none when the refusal was injected. */
  readonly limit?: 'requests' | 'tokens'
  /** Tokens of the prompt and of the context, where the prompt is too long. */
  readonly lengths?: { readonly prompt: number; readonly context: number }
}

/** A request that is not served, in no API's terms yet. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly kind: ErrorKind
  readonly particulars: Particulars

  constructor(kind: ErrorKind, message: string, particulars: Particulars = {}) {
    super(message)
    this.kind = kind
    this.particulars = particulars
  }

  get param(): string | null {
    return this.particulars.param ?? null
  }
}

export const invalid = (message: string, param?: string): RequestError =>
  new RequestError('invalid', message, param === undefined ? {} : { param })
