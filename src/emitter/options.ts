import type { EmitterShape } from './shape.js'

export interface EmitterOptions {
  /** Of streams that ask for nothing else; what is left out is as in the defaults. */
  readonly shape?: Partial<EmitterShape>
  /** `kernel`: own loop over libc, where that can be had; `node`: over node:net. The first that works when left out. */
  readonly wire?: 'kernel' | 'node'
  /** Writes that the log has room for until it is asked for. Default 4,000,000 (32 MB). */
  readonly logRoom?: number
}
