/** Numbers of the Linux kernel's interface, the same on x86-64 and arm64. */

export const AF_INET = 2
export const AF_INET6 = 10
/** SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC */
export const STREAM_SOCKET = 1 | 0o4000 | 0o2000000
/** SOCK_NONBLOCK | SOCK_CLOEXEC, as accept4 takes them. */
export const ACCEPTED_SOCKET = 0o4000 | 0o2000000
export const CLOEXEC = 0o2000000

export const SOL_SOCKET = 1
export const SO_ERROR = 4
export const SO_TIMESTAMPNS = 35
export const IPPROTO_TCP = 6
export const TCP_NODELAY = 1

export const MSG_DONTWAIT = 0x40
export const MSG_NOSIGNAL = 0x4000

export const EPOLL_ADD = 1
export const EPOLL_MODIFY = 3
export const EPOLLIN = 0x1
export const EPOLLOUT = 0x4
export const EPOLLRDHUP = 0x2000

export const EINTR = 4
export const EAGAIN = 11
export const EINPROGRESS = 115

export const CLOCK_REALTIME = 0
export const CLOCK_MONOTONIC = 1

/** `prctl` option: how far the kernel may round this thread's waits up, in ns. */
export const PR_SET_TIMERSLACK = 29

/** TFD_NONBLOCK | TFD_CLOEXEC */
export const TIMER_FLAGS = 0o4000 | 0o2000000
/** TFD_TIMER_ABSTIME */
export const TIMER_ABSOLUTE = 1

/** `prctl` option: orphans among one's descendants become one's own children, and so stay findable. */
export const PR_SET_CHILD_SUBREAPER = 36
