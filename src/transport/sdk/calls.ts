import type { ClientOptions as AnthropicOptions } from '@anthropic-ai/sdk'
import type { ClientOptions as OpenAiOptions } from 'openai'

/** APIs that an official client speaks, by their names in a profile. */
export const SDK_APIS: readonly string[] = [
  'openai-chat',
  'openai-completions',
  'openai-responses',
  'anthropic-messages',
]

/** What both packages have in common, as far as it is used here. */
export type SdkCall = (body: unknown, options: SdkOptions) => { withResponse(): Promise<SdkAnswer> }

interface SdkOptions {
  /** Null takes away what the client would send by itself. */
  readonly headers: Readonly<Record<string, string | null>>
  readonly signal: AbortSignal
}

interface SdkAnswer {
  readonly data: AsyncIterable<unknown>
  readonly response: Pick<Response, 'status' | 'headers'>
}

/** One endpoint of a client. */
export interface Endpoint {
  /** End of the paths that it serves, which the client adds to its base URL by itself. */
  readonly suffix: string
  readonly vendor: 'openai' | 'anthropic'
  /** Whether events go over the wire with their names. */
  readonly named: boolean
  /** What ends a stream beside the answer's end, where the client keeps it to itself. */
  readonly terminal?: string
  pick(client: SdkClients): SdkCall | undefined
}

/** The clients of one server. */
export interface SdkClients {
  readonly openai: InstanceType<typeof import('openai').default>
  /** Only where its API was asked for. */
  readonly anthropic: InstanceType<typeof import('@anthropic-ai/sdk').default> | undefined
}

const DONE = 'data: [DONE]\n\n'

/** `/chat/completions` ends with `/completions`, too: it comes first. */
export const ENDPOINTS: readonly Endpoint[] = [
  {
    suffix: '/chat/completions',
    vendor: 'openai',
    named: false,
    terminal: DONE,
    pick: ({ openai }) => openai.chat.completions.create.bind(openai.chat.completions) as unknown as SdkCall,
  },
  {
    suffix: '/completions',
    vendor: 'openai',
    named: false,
    terminal: DONE,
    pick: ({ openai }) => openai.completions.create.bind(openai.completions) as unknown as SdkCall,
  },
  {
    suffix: '/responses',
    vendor: 'openai',
    named: true,
    pick: ({ openai }) => openai.responses.create.bind(openai.responses) as unknown as SdkCall,
  },
  {
    suffix: '/v1/messages',
    vendor: 'anthropic',
    named: true,
    pick: ({ anthropic }) => anthropic?.messages.create.bind(anthropic.messages) as unknown as SdkCall,
  },
]

/** As an application would make them, but for what is a load test's own business: retries, deadlines and what is logged. */
const COMMON = {
  maxRetries: 0,
  // 24 hours: deadlines are ours.
  timeout: 86_400_000,
  logLevel: 'off',
} as const

export type Packages = {
  readonly openai: typeof import('openai').default
  readonly anthropic: typeof import('@anthropic-ai/sdk').default | undefined
}

/** Both packages take a tenth of a second to load: only what the API needs is. */
export async function loadPackages(api: string): Promise<Packages> {
  return {
    openai: (await import('openai')).default,
    anthropic: api === 'anthropic-messages' ? (await import('@anthropic-ai/sdk')).default : undefined,
  }
}

/** @param fetch theirs when left out: that of the platform */
export function createClients(
  packages: Packages,
  baseUrl: string,
  fetch?: typeof globalThis.fetch,
): SdkClients {
  const { openai: OpenAi, anthropic: Anthropic } = packages
  const own = { ...COMMON, ...(fetch && { fetch }) }
  const openAiOptions: OpenAiOptions = {
    ...own,
    baseURL: baseUrl,
    apiKey: 'none',
    organization: null,
    project: null,
  }
  const anthropicOptions: AnthropicOptions = { ...own, baseURL: baseUrl, apiKey: 'none', authToken: null }
  return {
    openai: new OpenAi(openAiOptions),
    anthropic: Anthropic && new Anthropic(anthropicOptions),
  }
}
