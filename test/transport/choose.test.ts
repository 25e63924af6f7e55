import { expect, test } from 'vitest'
import { type Libc, loadLibc } from '../../src/kernel/index.js'
import { chooseTransport, kernelStampsAvailable } from '../../src/transport/index.js'
import { kernelStampsArrive } from '../../src/transport/kernel/probe.js'

const loaded = loadLibc()
const stamps = kernelStampsAvailable()

/** @returns the C library with some calls put in the place of its own, and the descriptors that it has open */
function altered(libc: Libc, calls: Partial<Libc>): { libc: Libc; open: Set<number> } {
  const open = new Set<number>()
  const opened = (fd: number): number => {
    if (fd >= 0) open.add(fd)
    return fd
  }
  const watched: Libc = {
    ...libc,
    socket: (...given) => opened(libc.socket(...given)),
    accept: (...given) => opened(libc.accept(...given)),
    epollCreate: (...given) => opened(libc.epollCreate(...given)),
    close(fd) {
      open.delete(fd)
      return libc.close(fd)
    },
    ...calls,
  }
  return { libc: watched, open }
}

test('what is chosen for plain HTTP is the kernel where its stamps come, and else a reason', () => {
  const choice = chooseTransport('http://127.0.0.1:1', 'auto')
  if (stamps.available) expect(choice).toEqual({ name: 'kernel', reason: '', words: 'stamps by the kernel' })
  else expect(choice).toMatchObject({ name: 'undici', reason: stamps.reason })
  expect(chooseTransport('https://127.0.0.1:1', 'auto').name).toBe('undici')
  expect(chooseTransport('http://127.0.0.1:1', 'undici')).toMatchObject({
    name: 'undici',
    reason: 'asked for',
  })
  expect(chooseTransport('https://127.0.0.1:1', 'sdk')).toMatchObject({ name: 'sdk', reason: 'asked for' })
})

const SO_TIMESTAMPNS = 35

const cases: readonly (readonly [what: string, alter: (libc: Libc) => Partial<Libc>, arrive: boolean])[] = [
  ['come from a kernel that gives them', () => ({}), true],
  [
    'are missed where the kernel ignores that they are asked for',
    (libc) => ({
      setsockopt: (fd, level, name, value, size) =>
        name === SO_TIMESTAMPNS ? 0 : libc.setsockopt(fd, level, name, value, size),
    }),
    false,
  ],
  ['are missed where nothing may listen', () => ({ listen: () => -1 }), false],
  ['are missed where there are no sockets', () => ({ socket: () => -1 }), false],
  ['are missed where loopback is cut off', () => ({ connect: () => -1 }), false],
]

test.runIf(loaded.available && stamps.available).each(cases)('stamps %s', (_what, alter, arrive) => {
  if (!loaded.available) return
  const { libc, open } = altered(loaded.libc, alter(loaded.libc))
  expect(kernelStampsArrive(libc)).toBe(arrive)
  expect(open.size).toBe(0)
})
