import type { Clock } from '../../base/index.js'
import type { Libc } from '../../kernel/index.js'
import type { Transport } from '../transport.js'
import { createKernelChannel, type KernelChannel } from './channel.js'
import { createPoller } from './poller.js'

/** How often the wall clock, which stamps are told on, is set against the monotonic one. */
const ALIGN_MS = 1000

/** Plain HTTP/1.1 over sockets of our own, so that the kernel's stamps can be had. */
export function createKernelTransport(libc: Libc, clock: Clock): Transport {
  const poller = createPoller(libc, clock)
  const channels: KernelChannel[] = []
  let jumpNs = 0
  const aligner = setInterval(() => {
    jumpNs += poller.receiver.align()
  }, ALIGN_MS).unref()
  return {
    stamps: 'kernel',
    open(origin, _connections, { perRequest = false } = {}) {
      const channel = createKernelChannel({ libc, poller, clock }, origin, undefined, !perRequest)
      channels.push(channel)
      return channel
    },
    takeClockJumpNs() {
      const taken = jumpNs
      jumpNs = 0
      return taken
    },
    takeUnstampedReads() {
      const taken = poller.tally.unstamped
      poller.tally.unstamped = 0
      return taken
    },
    async close() {
      clearInterval(aligner)
      for (const channel of channels) channel.close()
      poller.close()
    },
  }
}
