import { FalloffError, keepSecrets, messageOf, type Problem, redact, UsageError } from '../base/index.js'

const TIMEOUT_MS = 30_000
const VARIABLE = /\$\{(\w+)\}/g
/** Of an answer, as much as is shown. */
const SHOWN = 500

export interface Push {
  readonly url: string
  /** As given: `authorization: Bearer ${KEY}`. */
  readonly headers: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Headers with their variables replaced; what stood in a variable is shown nowhere. @throws UsageError with every problem */
export function pushHeadersOf({ url, headers, environment }: Push): Readonly<Record<string, string>> {
  const problems: Problem[] = []
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    problems.push({ place: '--push', message: `expected an http or https URL; got ${url}` })
  const resolved = headers.flatMap((text) => {
    const at = text.indexOf(':')
    if (at < 1) problems.push({ place: `--header ${text}`, message: "expected 'name: value'" })
    const name = text.slice(0, at).trim().toLowerCase()
    const value = text.slice(at + 1).trim()
    return [
      [name, value.replace(VARIABLE, (_, variable: string) => variableOf(variable, environment, problems))],
    ]
  })
  if (problems.length > 0) throw new UsageError(problems)
  return Object.fromEntries(resolved)
}

function variableOf(variable: string, environment: Push['environment'], problems: Problem[]): string {
  const found = environment[variable]
  if (found === undefined)
    problems.push({ place: '--header', message: `environment variable ${variable} is not set` })
  else keepSecrets([found])
  return found ?? ''
}

/**
 * Posts a body once. Nothing is tried again: a receiver may have taken half of it.
 * @throws FalloffError when there is no answer, or one that is not 2xx
 */
export async function push(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers,
    body: Buffer.from(body),
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((thrown: unknown) => {
    const cause = thrown instanceof Error && thrown.cause !== undefined ? messageOf(thrown.cause) : ''
    throw new FalloffError(
      'PUSH_FAILED',
      `${redact(url)} did not answer: ${messageOf(thrown)} ${cause}`.trim(),
      {
        cause: thrown,
      },
    )
  })
  const text = (await response.text()).slice(0, SHOWN)
  if (!response.ok)
    throw new FalloffError('PUSH_REFUSED', `${redact(url)} answered ${response.status}: ${redact(text)}`, {
      hint: 'Check the path of the address, and whether the receiver takes this format.',
    })
}
