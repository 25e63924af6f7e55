import type { Decoder, DecodeSink, Usage } from '../api.js'
import { createSseSplitter } from '../sse.js'
import { streamFailure } from './errors.js'

/** Reads a stream of OpenAI's two older shapes. `output` says what of a choice is generated output. */
export function createOpenAiDecoder(
  sink: DecodeSink,
  output: (choice: Choice, out: ChoiceOutput) => void,
): Decoder {
  let countedTokens = 0
  const out: ChoiceOutput = { text: '', bears: false, visible: false }

  const onChunk = (chunk: Chunk): void => {
    if (chunk.error) {
      sink.onFailure(streamFailure(chunk))
      return
    }
    const { choices, usage } = chunk
    out.text = ''
    out.bears = false
    out.visible = false
    let finish: string | undefined
    if (choices !== undefined) {
      for (const choice of choices) {
        output(choice, out)
        // TGI writes an empty string where others write null.
        if (choice.finish_reason) finish = choice.finish_reason
      }
    }
    const tokens = usage ? tokensSince(usage) : -1
    if (out.bears || (tokens > 0 && choices !== undefined && choices.length > 0)) {
      sink.onOutput(tokens, out.visible || !out.bears, out.text)
    }
    if (usage) sink.onUsage(usageOf(usage))
    if (finish === 'abort' || finish === 'error') {
      sink.onFailure({
        code: 'server-error',
        message: `the server ended the answer with finish_reason "${finish}"`,
      })
    } else if (finish !== undefined) sink.onFinish(finish)
  }

  /** A running count on every chunk tells how many tokens this one brought. */
  const tokensSince = (usage: RawUsage): number => {
    const total = usage.completion_tokens ?? countedTokens
    const fresh = total - countedTokens
    countedTokens = total
    return fresh
  }

  const onData = (data: string): void => {
    sink.onEvent()
    if (data === '[DONE]') {
      sink.onTerminal()
      return
    }
    const chunk = parseObject(data)
    if (chunk === undefined) {
      sink.onFailure({ code: 'protocol-violation', message: 'an event whose data is no JSON object' })
    } else onChunk(chunk)
  }

  const splitter = createSseSplitter(onData, () =>
    sink.onFailure({ code: 'protocol-violation', message: 'an event of more than 4 MiB' }),
  )
  return { feed: splitter.feed, end: () => undefined }
}

function parseObject(data: string): Chunk | undefined {
  try {
    const value = JSON.parse(data) as unknown
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

/** What one chunk generated, over all its choices. Reused from chunk to chunk: nothing is allocated per token. */
export interface ChoiceOutput {
  text: string
  bears: boolean
  visible: boolean
}

export interface Choice {
  readonly text?: string | null
  readonly delta?: {
    readonly content?: string | null
    readonly reasoning?: string | null
    readonly reasoning_content?: string | null
    readonly refusal?: string | null
    readonly tool_calls?: readonly unknown[] | null
  } | null
  readonly token_ids?: readonly number[] | null
  readonly finish_reason?: string | null
}

interface Chunk {
  readonly choices?: readonly Choice[]
  readonly usage?: RawUsage | null
  readonly error?: unknown
}

interface RawUsage {
  readonly prompt_tokens?: number
  readonly completion_tokens?: number
  readonly prompt_tokens_details?: { readonly cached_tokens?: number } | null
  readonly completion_tokens_details?: { readonly reasoning_tokens?: number } | null
}

function usageOf(raw: RawUsage): Usage {
  const cachedTokens = raw.prompt_tokens_details?.cached_tokens
  const reasoningTokens = raw.completion_tokens_details?.reasoning_tokens
  return {
    ...(raw.prompt_tokens !== undefined && { inputTokens: raw.prompt_tokens }),
    ...(raw.completion_tokens !== undefined && { outputTokens: raw.completion_tokens }),
    ...(cachedTokens !== undefined && cachedTokens !== null && { cachedTokens }),
    ...(reasoningTokens !== undefined && reasoningTokens !== null && { reasoningTokens }),
  }
}
