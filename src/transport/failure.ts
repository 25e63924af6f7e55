import { getSystemErrorMap } from 'node:util'
import type { FailureCode, RequestFailure } from '../base/index.js'

const CODES: Readonly<Record<string, FailureCode>> = {
  ECONNREFUSED: 'refused',
  UND_ERR_CONNECT_TIMEOUT: 'refused',
  EHOSTUNREACH: 'refused',
  ENETUNREACH: 'refused',
  // No such unix socket, or not for us.
  ENOENT: 'refused',
  EACCES: 'refused',
  ETIMEDOUT: 'reset',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  UND_ERR_SOCKET: 'reset',
  ERR_INVALID_CHAR: 'protocol-violation',
  // What this machine, not the server, had no more of: descriptors, ports, memory.
  EMFILE: 'client-limit',
  ENFILE: 'client-limit',
  EADDRNOTAVAIL: 'client-limit',
  ENOBUFS: 'client-limit',
  ENOMEM: 'client-limit',
}

/** OpenSSL's verdicts on certificates, as Node names them, and what Node finds itself. */
const TLS_CODES =
  /^(ERR_TLS|CERT_|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE)|CRL_|EPROTO$)/

/** Maps a socket's error into the one taxonomy. */
export function socketFailure(error: Error): RequestFailure {
  const code = errorCode(error)
  const known = CODES[code]
  if (known) return { code: known, message: describe(code, error) }
  // The client cannot know what a proxy means by it, only that it was the proxy that would not.
  if (/^Proxy response \(\d+\)/.test(error.message))
    return { code: 'gateway', message: describe(code, error) }
  if (TLS_CODES.test(code)) {
    return { code: 'tls', message: describe(code, error) }
  }
  // undici's parser leaves its code out of most of its errors; then their name stands for it.
  if (/^(HPE_|UND_ERR_|HTTPParserError)/.test(code)) {
    return { code: 'protocol-violation', message: describe(code, error) }
  }
  return { code: 'reset', message: describe(code, error) }
}

/** Node bundles the attempts on several addresses of one name; the first one's code stands for all. */
function errorCode(error: Error): string {
  if (error instanceof AggregateError) return errorCode(error.errors[0] as Error)
  return String((error as { code?: unknown }).code ?? error.name)
}

const describe = (code: string, error: Error): string =>
  `${code}: ${error.message || 'connection failed'}`.replace(/\s+/g, ' ').slice(0, 200)

/** An error as Node makes them, from the number a system call left. */
export function errnoError(errno: number, call: string): Error {
  const [code, text] = getSystemErrorMap().get(-errno) ?? [`errno ${errno}`, 'unknown error']
  return Object.assign(new Error(`${call}: ${text}`), { code })
}

/** The other side ended what it should have gone on with. */
export const brokenError = (message: string): Error =>
  Object.assign(new Error(message), { code: 'ECONNRESET' })

export const timeoutError = (): Error =>
  Object.assign(new Error('connect: no answer'), { code: 'UND_ERR_CONNECT_TIMEOUT' })

/** What we were told to send is not HTTP. */
export const unsendableError = (message: string): Error =>
  Object.assign(new Error(message), { code: 'ERR_INVALID_CHAR' })

/** The other side does not keep to HTTP. */
export const violationError = (message: string): Error =>
  Object.assign(new Error(message), { code: 'HPE_INVALID' })
