import type { Clock } from '../base/index.js'
import { loadLibc } from '../kernel/index.js'
import { beyondKernel, type ConnectionSetting } from './connection.js'
import { kernelStampsArrive } from './kernel/probe.js'
import type { Transport } from './transport.js'

/** Those that move the bytes themselves. */
export type RawTransportName = 'kernel' | 'undici'
/** `sdk`: the official clients do. */
export type TransportName = RawTransportName | 'sdk'

/** Which transport serves an origin, and why not the better one. */
export interface TransportChoice {
  readonly name: TransportName
  /** Empty for the kernel's. */
  readonly reason: string
  /** Whose stamps these are, as a run says it. */
  readonly words: string
}

/** The kernel's stamps wherever they can be had: plain HTTP on Linux. */
export function chooseTransport(
  origin: string,
  wanted: 'auto' | TransportName,
  setting: ConnectionSetting = {},
): TransportChoice {
  if (wanted === 'sdk') {
    return {
      name: 'sdk',
      reason: 'asked for',
      words: 'stamps by the event loop, as the official client yields',
    }
  }
  if (wanted === 'undici') return byUndici('asked for')
  const beyond = beyondKernel(origin, setting)
  if (beyond !== undefined) return byUndici(beyond)
  const stamps = kernelStampsAvailable()
  return stamps.available
    ? { name: 'kernel', reason: '', words: 'stamps by the kernel' }
    : byUndici(stamps.reason)
}

const byUndici = (reason: string): TransportChoice => ({
  name: 'undici',
  reason,
  words: `stamps by the event loop (undici: ${reason})`,
})

/**
 * The others are not even loaded.
 * @param api name of the API that is going to be spoken
 * @throws Error when the kernel's transport is asked for where the system calls cannot be made. Whether stamps come is for
 * `chooseTransport` to find out, before: it is not tried out again here, in every worker.
 */
export async function createTransport(
  name: TransportName,
  clock: Clock,
  api = 'openai-chat',
): Promise<Transport> {
  if (name === 'sdk') return (await import('./sdk/transport.js')).createSdkTransport(clock, api)
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
