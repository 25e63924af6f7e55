import { loadDescription, parseFaults, type Simulator, startSimulator } from '../../src/simulate/index.js'

/** A server without an engine, which is there at once: what is looked at is what it says. */
export const startFixed = (
  set: Record<string, number | string | boolean> = {},
  faults: readonly string[] = [],
  sendLog?: string,
): Promise<Simulator> =>
  startSimulator({
    description: loadDescription('fixed', { ttftMs: 5, gapMs: 1, ...set }),
    host: '127.0.0.1',
    port: 0,
    faults: parseFaults(faults),
    sendLog,
  })

export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Set when the body broke off. */
  readonly broken: boolean
}

/** Posts JSON and reads the whole body as it stands, however it ends. */
export async function post(
  url: string,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answered> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(`${url}${path}`, { method: 'POST', body: text, headers })
  const answered = { status: response.status, headers: response.headers }
  let read = ''
  const decoder = new TextDecoder()
  try {
    for await (const part of response.body ?? []) read += decoder.decode(part as Uint8Array, { stream: true })
  } catch {
    return { ...answered, text: read, broken: true }
  }
  return { ...answered, text: read, broken: false }
}

/** Whatever JSON there is: what comes over the wire is looked at member by member. */
export type Json = ReturnType<JSON['parse']>

export interface Event {
  readonly name: string | undefined
  readonly data: string
}

/** Events of a stream; strict: every line is `event: ` or `data:`, and nothing stands between the events. */
export function eventsOf(text: string): Event[] {
  if (!text.endsWith('\n\n')) throw new Error(`the stream does not end on a blank line: ${text.slice(-60)}`)
  return text
    .slice(0, -2)
    .split('\n\n')
    .map((event) => {
      const match = /^(?:event: (\S+)\n)?data:(.*)$/.exec(event)
      if (match === null) throw new Error(`no event: ${event}`)
      return { name: match[1], data: match[2] ?? '' }
    })
}

export const jsonOf = ({ data }: Event): Json => JSON.parse(data) as Json

/** Adjacent equals in one, such as `a b×3 c`. */
export function order(names: readonly string[]): string {
  const runs: { name: string; count: number }[] = []
  for (const name of names) {
    const last = runs.at(-1)
    if (last?.name === name) last.count++
    else runs.push({ name, count: 1 })
  }
  return runs.map(({ name, count }) => (count === 1 ? name : `${name}×${count}`)).join(' ')
}

/** Tokens of generated text: every word is one. */
export const words = (text: string): number => text.trim().split(/\s+/).filter(Boolean).length

/** Names of a stream's events in their order; one without a name is `data`. */
export const names = (events: readonly Event[]): string => order(events.map(({ name }) => name ?? 'data'))

/** The events of a streamed answer. */
export async function streamFrom(url: string, path: string, body: object) {
  const { status, headers, text } = await post(url, path, body)
  return { status, type: headers.get('content-type'), headers, text, events: eventsOf(text) }
}

/** An answer in one piece. @throws unless its status is 200 */
export async function wholeFrom(url: string, path: string, body: object): Promise<Json> {
  const { status, text } = await post(url, path, body)
  if (status !== 200) throw new Error(`status ${status}: ${text}`)
  return JSON.parse(text) as Json
}

/** The lines of an answer in NDJSON. */
export async function linesFrom(url: string, path: string, body: object): Promise<Json[]> {
  const { text } = await post(url, path, body)
  const lines = text.trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as Json)
}
