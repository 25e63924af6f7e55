import { type AddressInfo, createServer } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { monotonicNs, runClock } from '../../src/base/index.js'
import { loadLibc, type SocketAddress, STREAM_SOCKET, socketAddress } from '../../src/kernel/index.js'
import { kernelStampsAvailable } from '../../src/transport/index.js'
import { createKernelChannel } from '../../src/transport/kernel/channel.js'
import { createPoller } from '../../src/transport/kernel/poller.js'
import { createResolver } from '../../src/transport/kernel/resolver.js'

const hex = (list: readonly SocketAddress[]) => list.map(({ bytes }) => bytes.toString('hex'))
const at = (ip: string) => socketAddress(ip, 80).bytes.toString('hex')

describe('the addresses of a name', () => {
  test('are asked for once, and the one that worked comes first from then on', async () => {
    let asked = 0
    const resolver = createResolver('models.test', 80, async () => {
      asked++
      return ['::1', '10.0.0.1', '10.0.0.2']
    })
    const [, , third] = await resolver.addresses()
    resolver.worked(third as SocketAddress)
    resolver.worked(third as SocketAddress)
    expect(hex(await resolver.addresses())).toEqual(['10.0.0.2', '::1', '10.0.0.1'].map(at))
    const [, second] = await resolver.addresses()
    resolver.worked(second as SocketAddress)
    expect(hex(await resolver.addresses())).toEqual(['::1', '10.0.0.2', '10.0.0.1'].map(at))
    expect(asked).toBe(1)
  })

  test('are asked for again after a failure', async () => {
    let asked = 0
    const resolver = createResolver('models.test', 80, async () => {
      if (++asked === 1) throw new Error('no name server')
      return ['10.0.0.1']
    })
    await expect(resolver.addresses()).rejects.toThrow('no name server')
    expect(hex(await resolver.addresses())).toEqual([at('10.0.0.1')])
  })
})

const loaded = loadLibc()

describe.runIf(kernelStampsAvailable().available)('a connection of the kernel transport', () => {
  const libc = loaded.available ? loaded.libc : (undefined as never)
  const closing: (() => void)[] = []
  afterEach(() => {
    for (const close of closing.splice(0)) close()
  })

  const localAddress = (port: number): SocketAddress => socketAddress('127.0.0.1', port)

  async function listening(): Promise<SocketAddress> {
    const server = createServer((socket) => {
      socket.on('data', () =>
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok'),
      )
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(() => server.close())
    return localAddress((server.address() as AddressInfo).port)
  }

  /** A listener whose queue is full: the kernel drops whatever else knocks, without a word. */
  function silent(): SocketAddress {
    const open = (): number => {
      const fd = libc.socket(2, STREAM_SOCKET, 0)
      closing.push(() => libc.close(fd))
      return fd
    }
    const listener = open()
    const { bytes, family } = localAddress(0)
    libc.bind(listener, bytes, bytes.length)
    libc.listen(listener, 0)
    libc.getsockname(listener, bytes, Buffer.from([bytes.length, 0, 0, 0]))
    for (let i = 0; i < 4; i++) libc.connect(open(), bytes, bytes.length)
    return { family, bytes }
  }

  const send = (addresses: readonly SocketAddress[], worked: (address: SocketAddress) => void = () => {}) => {
    const clock = runClock(monotonicNs())
    const poller = createPoller(libc, clock)
    const resolver = { addresses: async () => addresses, worked }
    const channel = createKernelChannel({ libc, poller, clock }, 'http://models.test', resolver)
    closing.push(
      () => channel.close(),
      () => poller.close(),
    )
    return new Promise<string>((resolve) => {
      channel.send(
        { path: '/', headers: {}, body: '' },
        {
          onSent: () => {},
          onHeaders: () => {},
          onData: () => {},
          onEnd: () => resolve('answered'),
          onBroken: (_atNs, { code }) => resolve(code),
        },
      )
    })
  }

  test('goes to the next address when one refuses, and tells which one worked', async () => {
    const worked: SocketAddress[] = []
    const good = await listening()
    expect(await send([localAddress(1), good], (address) => worked.push(address))).toBe('answered')
    expect(worked).toEqual([good])
  })

  test('goes to the next address when one keeps silent', async () => {
    expect(await send([silent(), await listening()])).toBe('answered')
    // Were it given the thirty seconds of the last one, this would be too short.
  }, 15_000)

  test('comes back to the silent address when the others refuse', async () => {
    const slow = silent()
    const outcome = send([slow, localAddress(1)])
    const first = await Promise.race([
      outcome,
      new Promise((resolve) => setTimeout(resolve, 600, 'waits on')),
    ])
    expect(first).toBe('waits on')
  })

  test('fails when all refuse', async () => {
    expect(await send([localAddress(1), localAddress(1)])).toBe('refused')
  })
})
