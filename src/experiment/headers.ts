import { type Problem, UsageError } from '../base/index.js'

/** What RFC 9110 calls a token. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i

/** Anything that could end a field and begin another, or that one octet cannot carry. */
const UNSAFE = /[^\t\x20-\x7e\x80-\xff]/

/** These say where a request ends and what becomes of its connection, which is for the transport alone to say. */
const RESERVED: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

const VARIABLE = /\$\{(\w+)\}/g

/**
 * What is secret of headers: the values of their variables, and the words of what is written out under a name that tells of
 * a key.
 */
export function secretsOf(
  headers: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  return Object.entries(headers).flatMap(([name, text]) => {
    const values = [...text.matchAll(VARIABLE)].flatMap(([, variable = '']) => environment[variable] ?? [])
    return SECRET_NAME.test(name)
      ? [...values, ...text.replace(VARIABLE, ' ').split(/\s+/).filter(isNoScheme)]
      : values
  })
}

export const SECRET_NAME = /auth|key|token|secret|cookie|password/i

const isNoScheme = (word: string): boolean => !/^(|bearer|basic|token|key)$/i.test(word)

/**
 * Replaces `${NAME}` by environment variables, and makes the names lower-case.
 * @throws UsageError naming every variable that is not set and every header that cannot be sent; never with a value, which
 * may be a key
 */
export function resolveHeaders(
  headers: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const problems: Problem[] = []
  const resolved: Record<string, string> = Object.create(null)
  for (const [name, text] of Object.entries(headers)) {
    const complain = (message: string) => problems.push({ place: `target.headers.${name}`, message })
    const value = text.replace(VARIABLE, (_, variable: string) => {
      const found = environment[variable]
      if (found === undefined) complain(`environment variable ${variable} is not set`)
      return found ?? ''
    })
    const lowerName = name.toLowerCase()
    const fault = nameFault(lowerName) ?? valueFault(value)
    if (fault !== undefined) complain(fault)
    else if (lowerName in resolved) complain('given twice; upper and lower case make no difference')
    else resolved[lowerName] = value
  }
  if (problems.length > 0) throw new UsageError(problems)
  return resolved
}

function nameFault(name: string): string | undefined {
  if (!TOKEN.test(name)) return 'not a header name: letters, digits and - are'
  return RESERVED.has(name) ? 'cannot be set: it is for the transport to say' : undefined
}

/** What is wrong with a value; without the value, which may be a key. */
export function valueFault(value: string): string | undefined {
  const at = value.search(UNSAFE)
  if (at < 0) return undefined
  if (/^[\r\n]+$/.test(value.slice(at))) return 'its value ends with a line break'
  const kind = value.charCodeAt(at) > 0xff ? 'above U+00FF' : 'a control character'
  return `character ${at + 1} of its value is ${kind}, which no header can hold`
}
