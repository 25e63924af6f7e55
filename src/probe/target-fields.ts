import type { Trial } from './stream-findings.js'

/** What a profile's `target:` may hold, as far as a probe can tell it. */
export interface TargetFields {
  readonly url: string
  readonly api: string
  readonly model?: string
  readonly tokenizer: 'server' | 'calibrate'
  readonly exactOutput?: 'on' | 'off'
  readonly chunkUsage?: 'on' | 'off'
}

/** What a run is to be told of a target; what was not shown either way is left to the run itself. */
export function targetFields(
  url: string,
  api: string,
  model: string | undefined,
  { first, length, tokenizer }: Trial,
): TargetFields {
  const exact = length.exact === 'obeyed' || length.exact === 'seems obeyed'
  return {
    ...{ url, api },
    ...(model !== undefined && { model }),
    tokenizer:
      tokenizer.kind === 'counts' && !(isTemplated(api) && tellsInput(first)) ? 'server' : 'calibrate',
    ...(length.exact !== 'not told' && { exactOutput: exact ? 'on' : 'off' }),
    // Chunks that are counted anyway need not be asked for it.
    ...(length.chunkUsage !== 'not told' && { chunkUsage: length.chunkUsage === 'counted' ? 'on' : 'off' }),
  }
}

/** `/tokenize` knows the chat template of OpenAI's chat alone; of these APIs their own usage tells more. */
const isTemplated = (api: string): boolean =>
  ['openai-responses', 'anthropic-messages', 'ollama-chat', 'ollama-generate'].includes(api)

const tellsInput = ({ usage }: Trial['first']): boolean => usage.inputTokens !== undefined
