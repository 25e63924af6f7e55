import type { TuneStopReason } from '../../record/index.js'

/** Ends a search from within; what there is by then is concluded from. */
export class Stopped extends Error {
  readonly reason: TuneStopReason
  constructor(reason: TuneStopReason) {
    super(reason)
    this.reason = reason
  }
}
