import { createRequire } from 'node:module'
import type { LibraryHandle } from 'koffi'

/** Memory outside the heap, at an address that system calls can be told. Its bytes are seen in place: nothing is copied. */
interface Memory {
  readonly address: number
  readonly bytes: Buffer
}

/** The system calls that reading stamped bytes takes. Each returns what the C function does; −1 leaves its reason in `errno`. */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number
  bind(fd: number, address: Buffer, size: number): number
  listen(fd: number, backlog: number): number
  accept(fd: number, flags: number): number
  connect(fd: number, address: Buffer, size: number): number
  getsockname(fd: number, address: Buffer, size: Buffer): number
  setsockopt(fd: number, level: number, name: number, value: Buffer, size: number): number
  getsockopt(fd: number, level: number, name: number, value: Buffer, size: Buffer): number
  send(fd: number, bytes: Buffer, size: number, flags: number): number
  /** `message` is the address of a `msghdr`. */
  recvmsg(fd: number, message: number, flags: number): number
  close(fd: number): number
  epollCreate(flags: number): number
  epollControl(epoll: number, operation: number, fd: number, event: Buffer): number
  /** `events` is the address of an array of `epoll_event`. Does not wait longer than `timeoutMs`. */
  epollWait(epoll: number, events: number, room: number, timeoutMs: number): number
  /** `fds` and `timeout` are addresses of `pollfd` and `timespec`: the one wait that counts nanoseconds everywhere. */
  ppoll(fds: number, count: number, timeout: number, mask: number): number
  clockGetTime(clock: number, time: number): number
  prctl(option: number, value: number): number
  /** 0 and 0: the caller leads a process group of its own. */
  setpgid(pid: number, group: number): number
  /** Takes the ended child `pid` off the process table without waiting for it; how it ended is not told. */
  reap(pid: number): number
  /** `sched_setattr`: 0 for the calling thread, a `struct sched_attr`, flags. */
  schedule(thread: number, attributes: Buffer, flags: number): number
  timerCreate(clock: number, flags: number): number
  /** `time` is a `struct itimerspec`. */
  timerSet(fd: number, flags: number, time: Buffer): number
  errno(): number
  allocate(size: number): Memory
  free(memory: Memory): void
  /** Calls back in the event loop whenever `fd` is readable, which keeps the loop alive until `stop`. */
  whenReadable(fd: number, onReadable: () => void): { stop(): void }
}

type Loaded =
  | { readonly available: true; readonly libc: Libc }
  | { readonly available: false; readonly reason: string }

let loaded: Loaded | undefined

/** Loads once per thread. Never throws: where it cannot work, the reason says why. */
export function loadLibc(): Loaded {
  loaded ??= load()
  return loaded
}

/** Struct layouts below are those of these two; both are little-endian with 64-bit pointers and times. */
const ARCHITECTURES: readonly string[] = ['x64', 'arm64']

function load(): Loaded {
  if (process.platform !== 'linux') return { available: false, reason: `not on Linux (${process.platform})` }
  if (!ARCHITECTURES.includes(process.arch)) {
    return { available: false, reason: `no struct layouts for ${process.arch}` }
  }
  try {
    return { available: true, libc: bindLibc() }
  } catch (thrown) {
    const [firstLine] = String((thrown as Error).message ?? thrown).split('\n')
    return { available: false, reason: `the package koffi cannot be loaded: ${firstLine}` }
  }
}

/** Through `require`: an optional package must be loadable in a function that may fail, and at once. */
const koffiPackage = (): typeof import('koffi') =>
  createRequire(import.meta.url)('koffi') as typeof import('koffi')

/** A watch that nobody holds is collected as garbage, and with it, in silence, goes the watching. */
const watches = new Set<unknown>()

function bindLibc(): Libc {
  const koffi = koffiPackage()
  const library: LibraryHandle = koffi.load(null)
  const bound = <K extends keyof Libc>(prototype: string): Libc[K] =>
    library.func(prototype) as unknown as Libc[K]
  const malloc = library.func('void *malloc(size_t size)') as unknown as (size: number) => bigint
  const free = library.func('void free(uintptr_t memory)') as unknown as (address: number) => void
  return {
    socket: bound<'socket'>('int socket(int, int, int)'),
    bind: bound<'bind'>('int bind(int, void *, int)'),
    listen: bound<'listen'>('int listen(int, int)'),
    accept: acceptOf(library),
    connect: bound<'connect'>('int connect(int, void *, int)'),
    getsockname: bound<'getsockname'>('int getsockname(int, void *, void *)'),
    setsockopt: bound<'setsockopt'>('int setsockopt(int, int, int, void *, int)'),
    getsockopt: bound<'getsockopt'>('int getsockopt(int, int, int, void *, void *)'),
    send: bound<'send'>('long send(int, void *, size_t, int)'),
    recvmsg: bound<'recvmsg'>('long recvmsg(int, uintptr_t, int)'),
    close: bound<'close'>('int close(int)'),
    epollCreate: bound<'epollCreate'>('int epoll_create1(int)'),
    epollControl: bound<'epollControl'>('int epoll_ctl(int, int, int, void *)'),
    epollWait: bound<'epollWait'>('int epoll_wait(int, uintptr_t, int, int)'),
    ppoll: bound<'ppoll'>('int ppoll(uintptr_t, unsigned long, uintptr_t, uintptr_t)'),
    clockGetTime: bound<'clockGetTime'>('int clock_gettime(int, uintptr_t)'),
    schedule: scheduleOf(library),
    timerCreate: bound<'timerCreate'>('int timerfd_create(int, int)'),
    timerSet: timerSetOf(library),
    prctl: bound<'prctl'>('int prctl(int, unsigned long)'),
    setpgid: bound<'setpgid'>('int setpgid(int, int)'),
    reap: reapOf(library),
    errno: () => koffi.errno(),
    allocate(size) {
      const pointer = malloc(size)
      return { address: Number(pointer), bytes: Buffer.from(koffi.view(pointer, size)) }
    },
    free: (memory) => free(memory.address),
    whenReadable(fd, onReadable) {
      const handle = koffi.node.poll(fd, { readable: true }, onReadable)
      watches.add(handle)
      return {
        stop: () => {
          if (!watches.delete(handle)) return
          handle.stop()
          handle.close()
        },
      }
    },
  }
}

/** `accept4` without the peer's address. */
function acceptOf(library: LibraryHandle): Libc['accept'] {
  const accept4 = library.func('int accept4(int, uintptr_t, uintptr_t, int)')
  return (fd, flags) => accept4(fd, 0, 0, flags) as number
}

/** `timerfd_settime` without the time that was left. */
function timerSetOf(library: LibraryHandle): Libc['timerSet'] {
  const settime = library.func('int timerfd_settime(int, int, void *, uintptr_t)')
  return (fd, flags, time) => settime(fd, flags, time, 0) as number
}

/** `waitpid` with WNOHANG, which is 1 on every Linux. */
function reapOf(library: LibraryHandle): Libc['reap'] {
  const waitpid = library.func('int waitpid(int, uintptr_t, int)')
  return (pid) => waitpid(pid, 0, 1) as number
}

/** The C library has no older wrapper of `sched_setattr`: it is called by its number. */
function scheduleOf(library: LibraryHandle): Libc['schedule'] {
  const syscall = library.func('long syscall(long, int, void *, unsigned int)')
  const number = process.arch === 'x64' ? 314 : 274
  return (thread, attributes, flags) => syscall(number, thread, attributes, flags) as number
}
