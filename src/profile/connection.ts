import type { Problem } from '../base/index.js'
import type { ConnectionFields } from './connection-schema.js'
import type { Profile } from './schema.js'

type Target = Profile['target']

/** Makes the paths of the connection settings absolute. */
export function withConnectionPaths(target: Target, absolute: (path: string) => string): Target {
  const { socketPath, tls } = target
  return {
    ...target,
    ...(socketPath !== undefined && { socketPath: absolute(socketPath) }),
    ...(tls && { tls: withTlsPaths(tls, absolute) }),
  }
}

type Tls = NonNullable<ConnectionFields['tls']>
const TLS_FILES = ['caFile', 'certFile', 'keyFile'] as const

function withTlsPaths(tls: Tls, absolute: (path: string) => string): Tls {
  const entries = TLS_FILES.flatMap((name) => {
    const path = tls[name]
    return path === undefined ? [] : [[name, absolute(path)] as const]
  })
  return { ...tls, ...Object.fromEntries(entries) }
}

/** What the connection settings need of each other and of the URLs. */
export function* senseOfConnection(
  { target, engine }: Profile,
  place: (path: readonly PropertyKey[]) => string,
): Generator<Problem> {
  const complain = (name: string, message: string): Problem => ({ place: place(['target', name]), message })
  const { url, urls, socketPath, tls, http2 } = target
  if (url !== undefined && urls !== undefined) {
    yield complain('urls', 'excludes target.url (--target): leave one out')
  }
  if (engine !== undefined && (urls ?? socketPath ?? tls) !== undefined) {
    yield complain('urls', 'target.urls, socketPath and tls exclude engine: falloff starts one on loopback')
  }
  if (urls !== undefined && socketPath !== undefined) {
    yield complain('socketPath', 'excludes target.urls: a unix socket is one place')
  }
  if (urls !== undefined && new Set(urls.map(pathOf)).size > 1) {
    yield complain('urls', `expected URLs that differ in host and port alone; got ${urls.join(', ')}`)
  }
  const known = urls ?? (url === undefined ? [] : [url])
  const plain =
    known.find((one) => one.startsWith('http:')) ??
    (socketPath && known.length === 0 ? socketPath : undefined)
  if (tls !== undefined && plain !== undefined) {
    yield complain('tls', `needs an https URL; ${plain} is asked without TLS`)
  }
  if (http2 && plain !== undefined) {
    yield complain('http2', `HTTP/2 is agreed on in the TLS handshake: it needs an https URL; got ${plain}`)
  }
  yield* contradictions(target, complain)
}

function* contradictions(
  { tls, http2, connection, transport }: Target,
  complain: (name: string, message: string) => Problem,
): Generator<Problem> {
  if ((tls?.certFile === undefined) !== (tls?.keyFile === undefined)) {
    yield complain('tls', 'certFile and keyFile need each other')
  }
  if (http2 && connection === 'per-request') {
    yield complain('connection', 'per-request excludes http2, whose one connection carries many requests')
  }
  if (transport === 'kernel' && http2) {
    yield complain('transport', 'kernel speaks HTTP/1.1 only; leave http2 or --transport kernel out')
  }
}

const pathOf = (url: string): string => {
  try {
    return new URL(url).pathname.replace(/\/$/, '')
  } catch {
    return url
  }
}
