/** One chunk of a streamed answer, as far as the tests look at it. */
interface Chunk {
  readonly object?: string
  readonly choices: readonly {
    readonly delta?: { readonly role?: string; readonly content?: string }
    readonly text?: string
    readonly finish_reason: string | null
  }[]
  readonly usage?: {
    readonly prompt_tokens: number
    readonly completion_tokens: number
    readonly total_tokens: number
  }
  readonly error?: { readonly code: number }
}

export interface Streamed {
  readonly status: number
  readonly events: readonly string[]
  /** The events that are JSON. */
  readonly chunks: readonly Chunk[]
  readonly isDone: boolean
  /** Set when the body ended without its end. */
  readonly broken: boolean
}

/** Posts a streaming request and reads the whole answer, however it ends. */
export async function stream(
  url: string,
  path: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<Streamed> {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ stream: true, ...body }),
  })
  let text = ''
  let broken = false
  const decoder = new TextDecoder()
  try {
    for await (const part of response.body ?? []) text += decoder.decode(part as Uint8Array, { stream: true })
  } catch {
    broken = true
  }
  const events = text
    .split('\n\n')
    .filter((event) => event.startsWith('data: '))
    .map((event) => event.slice(6))
  const chunks = events.flatMap((event) => {
    try {
      return [JSON.parse(event) as Chunk]
    } catch {
      return []
    }
  })
  return { status: response.status, events, chunks, isDone: events.at(-1) === '[DONE]', broken }
}

/** The samples of a metric, by their label text. */
export async function samples(url: string, name: string): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const found = new Map<string, number>()
  for (const line of text.split('\n')) {
    const match = /^([\w:]+)(\{.*\})? (\S+)$/.exec(line)
    if (match?.[1] === name) found.set(match[2] ?? '', Number(match[3]))
  }
  return found
}

/** The only sample of a metric. */
export async function sample(url: string, name: string): Promise<number> {
  const all = [...(await samples(url, name)).values()]
  if (all.length !== 1) throw new Error(`${name} has ${all.length} samples`)
  return all[0] ?? Number.NaN
}

/** Asks again until the condition holds; the test's own timeout ends it otherwise. */
export async function eventually(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5))
}
