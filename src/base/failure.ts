/** Why a request did not complete: one taxonomy for every API. */
export const FAILURE_CODES = [
  'authentication',
  'not-found',
  'invalid-request',
  'context-too-long',
  'rate-limited',
  'quota',
  'overloaded',
  'server-error',
  'gateway',
  'deadline-ttft',
  'deadline-stall',
  'deadline-total',
  'refused',
  'dns',
  'tls',
  'client-limit',
  'reset',
  'protocol-violation',
  'cut-stream',
  'stopped',
  'no-slot',
  'budget',
  'turn-lost',
] as const
export type FailureCode = (typeof FAILURE_CODES)[number]

export interface RequestFailure {
  readonly code: FailureCode
  /** One line, at most 200 characters, from the server or the system. Never holds a key or a prompt. */
  readonly message: string
  /** As the server asked with `Retry-After`, in ms. */
  readonly retryAfterMs?: number
}
