import { FalloffError } from '../base/index.js'
import type { StartFailureCause } from './contract.js'

export interface StartFailure {
  readonly reason: StartFailureCause
  /** What went wrong, and to whom: `vLLM did not start: …`. */
  readonly message: string
  /** The way out, and what the engine said last. */
  readonly hint: string
  /** How long it was tried, in s since the command was run; 0 when it was not. */
  readonly afterS?: number
}

/** An engine that did not come up, and why as far as it is known. */
export class EngineStartError extends FalloffError {
  readonly reason: StartFailureCause
  readonly afterS: number
  constructor({ reason, message, hint, afterS = 0 }: StartFailure) {
    super('ENGINE_START', message, { hint })
    this.reason = reason
    this.afterS = afterS
  }
}
