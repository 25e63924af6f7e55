import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { monotonicNs, NS_PER_MS } from '../../src/base/index.js'
import {
  createEpoll,
  createPause,
  createReceiver,
  EPOLLIN,
  loadLibc,
  socketAddress,
} from '../../src/kernel/index.js'

describe('socket addresses', () => {
  test.each([
    ['127.0.0.1', '0200 1f90 7f000001 0000000000000000'],
    ['::1', '0a00 1f90 00000000 00000000000000000000000000000001 00000000'],
    ['2001:db8::a:b', '0a00 1f90 00000000 20010db8000000000000000000' + '0a000b 00000000'],
    ['::ffff:10.1.2.3', '0a00 1f90 00000000 00000000000000000000ffff0a010203 00000000'],
    ['1:2:3:4:5:6:7:8', '0a00 1f90 00000000 00010002000300040005000600070008 00000000'],
  ])('%s is laid out as the kernel reads it', (ip, hex) => {
    expect(socketAddress(ip, 8080).bytes.toString('hex')).toBe(hex.replaceAll(' ', ''))
  })
})

const loaded = loadLibc()

describe.runIf(loaded.available)('on Linux', () => {
  const libc = loaded.available ? loaded.libc : (undefined as never)

  test('a socket reads with the time at which the bytes came, on the monotonic clock', async () => {
    const server = createServer((socket) => {
      setTimeout(() => {
        beforeNs = monotonicNs()
        socket.write('hello')
        // Held, so that the time at which the bytes are read is not the time at which they came.
        while (monotonicNs() < beforeNs + 50 * NS_PER_MS);
        heldNs = monotonicNs()
      }, 20)
    })
    let beforeNs = Number.NaN
    let heldNs = Number.NaN
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const { family, bytes } = socketAddress('127.0.0.1', port)
    const fd = libc.socket(family, 1, 0)
    libc.setsockopt(fd, 1, 35, Buffer.from([1, 0, 0, 0]), 4)
    expect(libc.connect(fd, bytes, bytes.length)).toBe(0)
    const epoll = createEpoll(libc)
    const receiver = createReceiver(libc, monotonicNs)
    expect(epoll.add(fd, EPOLLIN, 7)).toBe(true)
    expect(epoll.poll(0)).toBe(0)
    const ready = await new Promise<number>((resolve) => {
      const watch = libc.whenReadable(epoll.fd, () => {
        watch.stop()
        resolve(epoll.poll(0))
      })
    })
    expect([ready, epoll.token(0), epoll.readiness(0) & EPOLLIN]).toEqual([1, 7, EPOLLIN])
    expect(receiver.receive(fd)).toBe(5)
    expect(receiver.bytes.toString('latin1', 0, 5)).toBe('hello')
    // The offset between the clocks was read by a thread that may have been interrupted.
    const slackNs = 5 * NS_PER_MS
    expect(receiver.stampNs()).toBeGreaterThan(beforeNs - slackNs)
    expect(receiver.stampNs()).toBeLessThan(heldNs - 20 * NS_PER_MS)
    // Two readings of the offset between the clocks agree.
    expect(Math.abs(receiver.align())).toBeLessThan(slackNs)
    libc.close(fd)
    epoll.close()
    receiver.close()
    server.close()
  })

  test('a pause lasts as long as asked for, or longer', () => {
    const pause = createPause(libc)
    const beganNs = monotonicNs()
    pause.block(3 * NS_PER_MS)
    expect(monotonicNs() - beganNs).toBeGreaterThanOrEqual(3 * NS_PER_MS)
    pause.close()
  })

  test('a read that fails leaves its reason', () => {
    const receiver = createReceiver(libc, monotonicNs)
    expect(receiver.receive(1_000_000)).toBe(-1)
    expect(libc.errno()).toBe(9)
    receiver.close()
  })
})

test('elsewhere the reason is told', () => {
  if (loaded.available) expect(process.platform).toBe('linux')
  else expect(loaded.reason).not.toBe('')
})
