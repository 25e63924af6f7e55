import type { Clock } from '../base/index.js'
import { loadLibc } from '../kernel/index.js'
import { kernelStampsArrive } from './kernel/probe.js'
import type { Transport } from './transport.js'

export type TransportName = 'kernel' | 'undici'

/** Which transport serves an origin, and why not the better one. */
export interface TransportChoice {
  readonly name: TransportName
  /** Empty for the kernel's. */
  readonly reason: string
}

/** The kernel's stamps wherever they can be had: plain HTTP on Linux. */
export function chooseTransport(origin: string, wanted: 'auto' | TransportName): TransportChoice {
  if (wanted === 'undici') return { name: 'undici', reason: 'asked for' }
  if (!origin.startsWith('http:')) {
    return { name: 'undici', reason: 'the target speaks TLS, whose bytes the kernel’s stamps cannot follow' }
  }
  const stamps = kernelStampsAvailable()
  return stamps.available ? { name: 'kernel', reason: '' } : { name: 'undici', reason: stamps.reason }
}

/**
 * The other one is not even loaded.
 * @throws Error when the kernel's transport is asked for where the system calls cannot be made. Whether stamps come is for
 * `chooseTransport` to find out, before: it is not tried out again here, in every worker.
 */
export async function createTransport(name: TransportName, clock: Clock): Promise<Transport> {
  if (name === 'undici') return (await import('./undici.js')).createUndiciTransport(clock)
  const loaded = loadLibc()
  if (!loaded.available) throw new Error(`no kernel stamps: ${loaded.reason}`)
  const { createKernelTransport } = await import('./kernel/transport.js')
  return createKernelTransport(loaded.libc, clock)
}

type StampsAvailable = { readonly available: true } | { readonly available: false; readonly reason: string }

let stamps: StampsAvailable | undefined

/** Whether kernel stamps can be had on this machine at all: tried out, once per thread. */
export function kernelStampsAvailable(): StampsAvailable {
  stamps ??= tryStamps()
  return stamps
}

function tryStamps(): StampsAvailable {
  const loaded = loadLibc()
  if (!loaded.available) return loaded
  return kernelStampsArrive(loaded.libc)
    ? { available: true }
    : { available: false, reason: 'the kernel gives no receive stamps here' }
}
