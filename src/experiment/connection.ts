import { readFileSync } from 'node:fs'
import { keepSecrets, messageOf, type Problem, UsageError } from '../base/index.js'
import type { Assignment } from '../drive/index.js'
import type { Profile } from '../profile/index.js'
import type { ConnectionFacts } from '../record/index.js'
import {
  type ConnectionSetting,
  type Handshake,
  learnHandshake,
  maskedProxy,
  proxyFor,
} from '../transport/index.js'

type Target = Profile['target']
type Ways = Assignment['ways']
type Environment = Readonly<Record<string, string | undefined>>

/** Base URLs of the target, in the order in which they are asked; none where the profile names no target. */
export function urlsOf({ url, urls, socketPath }: Target): readonly string[] {
  if (urls !== undefined) return urls
  if (url !== undefined) return [url]
  return socketPath === undefined ? [] : ['http://localhost']
}

/**
 * How each of the URLs is reached, with what its files and the environment hold.
 * @throws UsageError with every file that cannot be read, and with a proxy that is none
 */
export function waysTo(
  urls: readonly string[],
  target: Target,
  environment: Environment = process.env,
): Ways {
  const problems: Problem[] = []
  const tls = target.tls && pemTexts(target.tls, problems)
  const common: ConnectionSetting = {
    ...(tls && { tls }),
    ...(target.http2 && { http2: true }),
    ...(target.connection === 'per-request' && { perRequest: true }),
    ...(target.socketPath !== undefined && { socketPath: target.socketPath }),
  }
  const direct = target.proxy === 'none' || target.socketPath !== undefined
  const ways = urls.map((url) => {
    const { origin } = new URL(url)
    const proxy = direct ? undefined : proxyOf(origin, environment, problems)
    return { origin, connection: { ...common, ...(proxy !== undefined && { proxy }) } }
  })
  if (problems.length > 0) throw new UsageError(problems)
  return ways
}

function proxyOf(origin: string, environment: Environment, problems: Problem[]): string | undefined {
  try {
    const url = proxyFor(origin, environment)?.url
    if (url !== undefined) keepSecrets([decodeURIComponent(new URL(url).password)])
    return url
  } catch {
    // Its text may hold a password.
    const message = 'HTTP_PROXY or HTTPS_PROXY holds no URL; correct it, or set target.proxy=none'
    problems.push({ place: 'target.proxy', message })
    return undefined
  }
}

function pemTexts(
  tls: NonNullable<Target['tls']>,
  problems: Problem[],
): NonNullable<ConnectionSetting['tls']> {
  const read = (name: 'caFile' | 'certFile' | 'keyFile', into: string): Record<string, string> => {
    const path = tls[name]
    if (path === undefined) return {}
    try {
      const text = readFileSync(path, 'utf8')
      if (text.includes('-----BEGIN ')) return { [into]: text }
      problems.push({ place: `target.tls.${name}`, message: `expected a PEM file; got ${path}` })
    } catch (thrown) {
      problems.push({ place: `target.tls.${name}`, message: `cannot be read: ${messageOf(thrown)}` })
    }
    return {}
  }
  return {
    ...read('caFile', 'ca'),
    ...read('certFile', 'cert'),
    ...read('keyFile', 'key'),
    ...(tls.serverName !== undefined && { serverName: tls.serverName }),
  }
}

/** What is agreed on with the server, and the ways as they can be used with it. */
export async function agree(
  ways: Ways,
): Promise<{ ways: Ways; handshakes: readonly (Handshake | undefined)[] }> {
  const handshakes = await Promise.all(
    ways.map(({ origin, connection }) => learnHandshake(origin, connection)),
  )
  return {
    handshakes,
    // Without HTTP/2 a connection carries one request at a time: there must be more of them.
    ways: ways.map((way, i) =>
      way.connection.http2 && handshakes[i]?.http !== 'h2'
        ? { ...way, connection: { ...way.connection, http2: false } }
        : way,
    ),
  }
}

/** What the manifest says of the connections: no key, no password. Undefined where they are plain ones. */
export function connectionFacts(
  ways: Ways,
  handshakes: readonly (Handshake | undefined)[],
): ConnectionFacts | undefined {
  const proxies = ways.flatMap(({ connection: { proxy } }) =>
    proxy === undefined ? [] : [maskedProxy(proxy)],
  )
  const [first] = ways
  const [handshake] = handshakes
  const facts: ConnectionFacts = {
    ...handshake,
    ...(proxies.length > 0 && { proxy: [...new Set(proxies)].join(', ') }),
    ...(first?.connection.socketPath !== undefined && { socketPath: first.connection.socketPath }),
    ...(first?.connection.perRequest && { perRequest: true }),
    ...(ways.length > 1 && { origins: ways.map(({ origin }) => origin) }),
  }
  return Object.keys(facts).length === 0 ? undefined : facts
}

/** The same, for people. */
export function connectionWords(facts: ConnectionFacts | undefined, askedHttp2: boolean): string {
  if (facts === undefined) return ''
  const { http, tls, proxy, socketPath, perRequest, origins } = facts
  const agreed = http === 'h2' ? 'HTTP/2' : 'HTTP/1.1'
  const words = [
    ...(http ? [`${agreed} over ${tls}${askedHttp2 && http !== 'h2' ? ' (HTTP/2 was offered)' : ''}`] : []),
    ...(proxy === undefined ? [] : [`through the proxy ${proxy}`]),
    ...(socketPath === undefined ? [] : [`over ${socketPath}`]),
    ...(perRequest ? ['a new connection for every request'] : []),
    ...(origins ? [`${origins.length} base URLs in turn`] : []),
  ]
  return words.join(', ')
}
