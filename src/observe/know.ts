import type { EngineKind, TargetFacts, WatchedFacts } from '../record/index.js'
import type { EngineIdentity, Pages, ToldFacts } from './engine-identity.js'
import type { EngineMetrics } from './engine-metrics.js'
import { IDENTITIES, metricsIn, metricsOf } from './engines.js'
import { countAt, listAt, textAt } from './json.js'
import { type Exposition, parseExposition } from './prometheus.js'
import { present } from './series.js'

const MODELS = '/v1/models'
const VERSION = '/version'

/** Asked of every target, with its metrics. Enough to know vLLM, SGLang, llama.cpp and what has metrics of its own. */
export const FIRST_PAGES: readonly string[] = [MODELS, VERSION]

/** What is known of the engine behind some pages. What none of them tells is absent. */
export type EngineFacts = ToldFacts &
  Partial<Pick<TargetFacts, 'engine' | 'kvBlocks' | 'kvBlockSize'>> & { readonly models: readonly string[] }

/** What came from the metrics URL; undefined: nothing. */
export interface MetricsAnswer {
  readonly status?: number
  readonly text: string
}

/**
 * Pages to ask once the first are read: those of the engine that these named, or those of every engine where they named none.
 */
export function furtherPages(first: Pages, metrics: MetricsAnswer | undefined): readonly string[] {
  const engine = named(first, expositionIn(metrics))
  // A gateway's own metrics say nothing of its version; whoever speaks vLLM's metrics may be somebody else.
  const asked =
    engine === undefined ? IDENTITIES : IDENTITIES.filter((identity) => identity.engine === engine)
  return [...new Set(asked.flatMap((identity) => identity.pages))]
}

/** @param model the one to be used; the first that is listed when undefined */
export function knowEngine(pages: Pages, metrics: MetricsAnswer | undefined, model?: string): EngineFacts {
  const exposition = expositionIn(metrics)
  const identity = identityIn(pages, named(pages, exposition))
  const engine = named(pages, exposition) ?? identity?.engine
  const told = identity?.facts(pages, model) ?? {}
  const listed = listAt(pages.json(MODELS), 'data')
  const ids = listed.flatMap((entry) => textAt(entry, 'id') ?? [])
  const entry = listed.find((candidate) => model === undefined || textAt(candidate, 'id') === model)
  const reader = (exposition && metricsIn(exposition)) ?? metricsOf(engine)
  const configured = exposition && reader?.facts(exposition)
  return {
    ...present({
      engine,
      version: textAt(pages.json(VERSION), 'version'),
      maxModelLen: countAt(entry, 'max_model_len'),
      watched: reader && watchedFacts(reader, metrics),
    }),
    ...configured,
    ...told,
    models: ids.length > 0 ? ids : (told.models ?? []),
  }
}

const expositionIn = (metrics: MetricsAnswer | undefined): Exposition | undefined =>
  isFine(metrics) ? parseExposition(metrics.text) : undefined

const isFine = (answer: MetricsAnswer | undefined): answer is MetricsAnswer =>
  answer?.status !== undefined && answer.status >= 200 && answer.status < 300

const OWNERS: Readonly<Record<string, EngineKind>> = {
  vllm: 'vllm',
  sglang: 'sglang',
  llamacpp: 'llama.cpp',
  library: 'ollama',
  lmdeploy: 'lmdeploy',
  'falloff-simulator': 'falloff-simulator',
}

/** The model list's owner goes first: the simulator exposes vLLM's metrics on purpose, and says there who it is. */
function named(pages: Pages, exposition: Exposition | undefined): EngineKind | undefined {
  for (const entry of listAt(pages.json(MODELS), 'data')) {
    const owner = textAt(entry, 'owned_by') ?? ''
    if (Object.hasOwn(OWNERS, owner)) return OWNERS[owner]
  }
  return exposition && metricsIn(exposition)?.engine
}

function identityIn(pages: Pages, engine: EngineKind | undefined): EngineIdentity | undefined {
  if (engine !== undefined) return IDENTITIES.find((identity) => identity.engine === engine)
  return IDENTITIES.find((identity) => identity.recognises(pages))
}

/** Where its metrics do not answer, an engine offers what other pages tell, and a note says what to do. */
function watchedFacts(reader: EngineMetrics, metrics: MetricsAnswer | undefined): WatchedFacts {
  const exposition = expositionIn(metrics)
  if (!reader.exposes || (exposition && reader.recognises(exposition))) {
    return { offers: reader.offers, notes: reader.notes }
  }
  const said = metrics?.status === undefined ? 'do not answer' : `answer with HTTP ${metrics.status}`
  const why = isFine(metrics) ? 'are not those of this engine' : said
  const offers = Object.fromEntries(
    Object.entries(reader.offers).map(([name, offer]) => [
      name,
      'from' in offer && !offer.from.startsWith('/') ? { none: `its metrics ${why}` } : offer,
    ]),
  ) as WatchedFacts['offers']
  return { offers, notes: [`metrics ${why}: ${reader.turnOn}`, ...reader.notes] }
}
