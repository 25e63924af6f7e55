import type { EngineKind, TargetFacts } from '../record/index.js'
import { ENGINES } from './engines.js'
import { call, tryJson } from './http.js'
import { type Exposition, parseExposition } from './prometheus.js'

export interface FactsOptions {
  readonly baseUrl: string
  readonly metricsUrl: string
  readonly headers: Readonly<Record<string, string>>
  readonly api: string
  readonly model: string | undefined
}

interface ModelEntry {
  readonly id?: string
  readonly owned_by?: string
  readonly max_model_len?: number
}

/** Asks the target what it is. What it does not tell stays absent. */
export async function readFacts(options: FactsOptions): Promise<TargetFacts> {
  const { baseUrl, headers } = options
  const [models, version, exposition] = await Promise.all([
    tryJson(`${baseUrl}/v1/models`, { headers }),
    tryJson(`${baseUrl}/version`, { headers }),
    readExposition(options),
  ])
  const list = (models as { data?: ModelEntry[] } | undefined)?.data ?? []
  const entry = options.model === undefined ? list[0] : list.find((m) => m.id === options.model)
  const metrics = exposition && ENGINES.find((candidate) => candidate.recognises(exposition))
  const engine = engineOf(entry ?? list[0], metrics?.engine)
  const told = (version as { version?: unknown } | undefined)?.version
  return {
    url: withoutCredentials(baseUrl),
    api: options.api,
    model: options.model ?? entry?.id ?? '',
    ...(engine && { engine }),
    ...(typeof told === 'string' && { version: told }),
    ...(entry?.max_model_len !== undefined && { maxModelLen: entry.max_model_len }),
    ...(exposition && metrics?.facts(exposition)),
  }
}

async function readExposition({ metricsUrl, headers }: FactsOptions): Promise<Exposition | undefined> {
  try {
    const { status, text } = await call(metricsUrl, { headers })
    return status < 300 ? parseExposition(text) : undefined
  } catch {
    return undefined
  }
}

const OWNERS: Readonly<Record<string, EngineKind>> = {
  vllm: 'vllm',
  sglang: 'sglang',
  llamacpp: 'llama.cpp',
  library: 'ollama',
  'falloff-simulator': 'falloff-simulator',
}

/** The simulator exposes vLLM's metrics on purpose; it says who it is in its model list. */
const engineOf = (entry: ModelEntry | undefined, byMetrics: EngineKind | undefined): EngineKind | undefined =>
  OWNERS[entry?.owned_by ?? ''] ?? byMetrics

export function withoutCredentials(url: string): string {
  const parsed = new URL(url)
  parsed.username = ''
  parsed.password = ''
  parsed.search = ''
  return parsed.toString().replace(/\/$/, '')
}
