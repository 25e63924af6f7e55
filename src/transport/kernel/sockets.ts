import type { Clock } from '../../base/index.js'
import type { Libc } from '../../kernel/index.js'
import type { Poller } from './poller.js'

/** What every socket of a transport shares. */
export interface Sockets {
  readonly libc: Libc
  readonly poller: Poller
  readonly clock: Clock
}
