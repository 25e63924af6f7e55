import { readFileSync } from 'node:fs'
import { keepSecrets, messageOf, type Problem, UsageError } from '../base/index.js'
import type { Profile } from '../profile/index.js'
import { apiOf } from '../protocol/index.js'
import { resolveHeaders, SECRET_NAME, secretsOf, valueFault } from './headers.js'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The headers that let us in: those of the profile with their variables, the key as the API wants it, and the user of the
 * URL. What is secret of them is kept out of all that is written from here on.
 *
 * @throws UsageError naming every variable and header at fault; never with a value
 */
export function resolveAccess(target: Profile['target'], environment: Environment): Record<string, string> {
  keepSecrets([...secretsOf(target.headers, environment), ...proxyPasswords(environment)])
  const headers = resolveHeaders(target.headers, environment)
  const problems: Problem[] = [...usersElsewhere(target)]
  const given = [keyHeaders(target, environment, problems), userHeaders(target.url, problems)]
  for (const { place, added } of given) {
    for (const [name, value] of Object.entries(added)) {
      const fault = name in headers ? `header ${name} is given too; leave one out` : valueFault(value)
      if (fault !== undefined) problems.push({ place, message: fault })
      headers[name] = value
    }
  }
  if (problems.length > 0) throw new UsageError(problems)
  return headers
}

/** A proxy may say back what it was sent as well. */
const proxyPasswords = (environment: Environment): readonly string[] =>
  ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'].flatMap((name) => {
    const url = environment[name] ?? ''
    const password = URL.canParse(url) ? new URL(url).password : ''
    return password === '' ? [] : [password]
  })

interface Added {
  readonly place: string
  readonly added: Readonly<Record<string, string>>
}

function keyHeaders(
  { keyEnv, api }: Profile['target'],
  environment: Environment,
  problems: Problem[],
): Added {
  const place = 'target.keyEnv'
  const key = keyEnv === undefined ? undefined : readKey(keyEnv, environment, problems)
  if (key === undefined) return { place, added: {} }
  keepSecrets([key])
  return { place, added: apiOf(api).authorize(key) }
}

function readKey(name: string, environment: Environment, problems: Problem[]): string | undefined {
  const complain = (message: string): undefined => void problems.push({ place: 'target.keyEnv', message })
  const value = environment[name]
  if (value !== undefined && value !== '') return value
  const file = environment[`${name}_FILE`]
  if (file === undefined || file === '') {
    return complain(`neither ${name} nor ${name}_FILE is set in the environment; export one of them`)
  }
  try {
    const text = readFileSync(file, 'utf8').trim()
    return text === '' ? complain(`the file that ${name}_FILE names is empty`) : text
  } catch (thrown) {
    return complain(`the file that ${name}_FILE names cannot be read: ${messageOf(thrown)}`)
  }
}

/** `https://user:password@host`: basic authentication, as browsers and curl take it. */
function userHeaders(url: string | undefined, problems: Problem[]): Added {
  const place = 'target.url'
  if (url === undefined || !URL.canParse(url)) return { place, added: {} }
  const { username, password } = new URL(url)
  if (username === '' && password === '') return { place, added: {} }
  try {
    const [user, word] = [decodeURIComponent(username), decodeURIComponent(password)]
    const encoded = Buffer.from(`${user}:${word}`).toString('base64')
    keepSecrets([word, password, encoded])
    return { place, added: { authorization: `Basic ${encoded}` } }
  } catch {
    problems.push({ place, message: 'the user or password in it is not percent-encoded as URLs want it' })
    return { place, added: {} }
  }
}

/** Only the address of the target itself may name a user. */
function usersElsewhere(target: Profile['target']): Problem[] {
  const { urls = [], metricsUrl, gpuMetricsUrl, hostMetricsUrl } = target
  const addresses = {
    urls,
    metricsUrl: [metricsUrl],
    gpuMetricsUrl: [gpuMetricsUrl],
    hostMetricsUrl: [hostMetricsUrl],
  }
  return Object.entries(addresses).flatMap(([name, list]) =>
    list.some((url) => url !== undefined && withoutUser(url) !== url)
      ? [
          {
            place: `target.${name}`,
            message: 'names a user; give it as a header, such as --header "authorization: Basic ${USER}"',
          },
        ]
      : [],
  )
}

/** The same address without a user: that goes as a header. */
export function withoutUser(url: string): string {
  if (!URL.canParse(url)) return url
  const parsed = new URL(url)
  if (parsed.username === '' && parsed.password === '') return url
  parsed.username = ''
  parsed.password = ''
  return parsed.toString()
}

/** The profile as files may hold it: no user in a URL, no key that was written into a header or a variable of the engine. */
export function publicProfile(profile: Profile): Profile {
  const { target, engine } = profile
  const clean = {
    ...target,
    headers: withoutValues(target.headers),
    ...(target.url !== undefined && { url: withoutUser(target.url) }),
  }
  return {
    ...profile,
    target: clean,
    ...(engine && { engine: { ...engine, env: withoutValues(engine.env) } }),
  }
}

const withoutValues = (texts: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [
      name,
      SECRET_NAME.test(name) && !text.includes('${') ? '…' : text,
    ]),
  )
