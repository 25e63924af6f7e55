/** A proxy that the environment names for a server. */
export interface ProxyChoice {
  /** With credentials, where it has them: never to be written. */
  readonly url: string
  /** The variable that names it. */
  readonly variable: string
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The proxy for an origin, as undici and curl read the environment: lower case before upper case, `NO_PROXY` by host, suffix
 * and port. Loopback is never asked through a proxy, whatever it says: that would not be the same machine any more.
 * @throws TypeError when the variable holds no URL
 */
export function proxyFor(origin: string, environment: Environment): ProxyChoice | undefined {
  const { protocol, hostname, port } = new URL(origin)
  if (isLoopback(hostname)) return undefined
  const name = protocol === 'https:' ? 'https_proxy' : 'http_proxy'
  const found = [name, name.toUpperCase()].find((variable) => (environment[variable] ?? '') !== '')
  if (found === undefined) return undefined
  const exceptions = environment.no_proxy ?? environment.NO_PROXY ?? ''
  if (isExcepted(hostname, port || (protocol === 'https:' ? '443' : '80'), exceptions)) return undefined
  const text = environment[found] ?? ''
  const url = new URL(/^[a-z]+:\/\//i.test(text) ? text : `http://${text}`)
  return { url: url.href, variable: found }
}

const isLoopback = (hostname: string): boolean =>
  /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/i.test(hostname)

/** `example.com`, `.example.com` and `*.example.com` mean the name and all below it; `*` means everything. */
function isExcepted(hostname: string, port: string, exceptions: string): boolean {
  const host = hostname.toLowerCase()
  return exceptions
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true
      const [, name = entry, onlyPort] = /^(.*):(\d+)$/.exec(entry) ?? []
      const domain = name.replace(/^\*?\./, '')
      if (onlyPort !== undefined && onlyPort !== port) return false
      return host === domain || host.endsWith(`.${domain}`)
    })
}

/** Without what only the proxy need know. */
export function maskedProxy(url: string): string {
  const { protocol, host, username, password } = new URL(url)
  return `${protocol}//${username || password ? '…@' : ''}${host}`
}
