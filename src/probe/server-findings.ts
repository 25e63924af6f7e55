import type { EngineFacts } from '../observe/index.js'
import type { Answer } from './asker.js'
import { type Finding, found, grouped, listed, notTold } from './finding.js'
import type { Identity } from './identity.js'

/** What the server's own pages tell. @param model the one that is used; undefined where none is known */
export function serverFindings(identity: Identity, model: string | undefined, given: boolean): Finding[] {
  return [
    engineFinding(identity),
    ...frontFinding([...identity.answers.values()]),
    modelsFinding(identity, model, given),
    contextFinding(identity),
    metricsFinding(identity),
    cacheFinding(identity),
  ]
}

/** The pages as a reader would look them up. */
const pages = (paths: readonly string[]): string =>
  paths.length === 0 ? 'no page tells' : `GET ${paths.join(', ')}`

function engineFinding({ facts, sourcesOf }: Identity): Finding {
  const { engine, version } = facts
  const sources = [...new Set([...sourcesOf((f) => f.engine), ...sourcesOf((f) => f.version)])]
  if (engine === undefined && version === undefined) return notTold('engine', pages([]))
  const name = engine ?? 'unknown'
  const told = version ?? '(version not told)'
  return found(
    'engine',
    { name: engine ?? null, version: version ?? null },
    `${name} ${told}`,
    pages(sources),
  )
}

const FRONT_HEADERS = ['server', 'via', 'x-litellm-version', 'openai-version', 'x-powered-by'] as const

/** Web server or gateway, by the headers it leaves. */
function frontFinding(answers: readonly Answer[]): Finding[] {
  const left = FRONT_HEADERS.flatMap((header) => {
    const values = new Set(answers.flatMap(({ headers }) => headers[header] ?? []))
    return [...values].map((value) => [header, value.slice(0, 60)] as const)
  })
  if (left.length === 0) return []
  const shown = left
    .map(([header, value]) => (header === 'server' ? value : `${header}: ${value}`))
    .join(', ')
  const headers = [...new Set(left.map(([header]) => header))].join(', ')
  return [found('in front', Object.fromEntries(left), shown, `headers: ${headers}`)]
}

function modelsFinding({ facts, sourcesOf }: Identity, model: string | undefined, given: boolean): Finding {
  const { models } = facts
  if (models.length === 0) {
    if (model === undefined) return notTold('models', 'no page lists any; name one with --model')
    return found('models', [model], model, given ? '--model; no page lists any' : 'named in its answers')
  }
  const chosen = models.length > 1 ? `${model} of ${models.length}: ${listed(models)}` : String(models[0])
  const shown =
    given && model !== undefined && !models.includes(model)
      ? `${model}, not listed beside ${listed(models)}`
      : chosen
  const sources = pages(sourcesOf((f) => (f.models.length === 0 ? undefined : f.models)))
  return found('models', models, shown, given ? `${sources}; --model` : sources)
}

function contextFinding({ facts, sourcesOf }: Identity): Finding {
  const { maxModelLen } = facts
  if (maxModelLen === undefined) return notTold('context', pages([]))
  return found(
    'context',
    maxModelLen,
    `${grouped(maxModelLen)} tokens`,
    pages(sourcesOf((f) => f.maxModelLen)),
  )
}

function metricsFinding({ facts, metrics }: Identity): Finding {
  const { status, failure, text } = metrics
  const how = `GET /metrics: ${failure ? failure.message : `HTTP ${status}`}`
  const offers = Object.entries(facts.watched?.offers ?? {})
  const told = offers.flatMap(([name, offer]) => ('from' in offer ? [name] : []))
  const missing = offers.flatMap(([name, offer]) => ('none' in offer ? [name] : []))
  const page = status !== undefined && status < 300 && /^# (HELP|TYPE) /m.test(text)
  const value = { page, told, missing }
  if (told.length === 0) {
    return found('metrics', value, page ? 'of no engine known here' : 'none', how)
  }
  const gaps = missing.length > 0 ? `; not offered: ${missing.join(', ')}` : ''
  return found('metrics', value, `${told.join(', ')}${gaps}`, how)
}

function cacheFinding({ facts, sourcesOf }: Identity): Finding {
  const parts = cacheParts(facts)
  if (parts.length === 0) return notTold('cache', pages([]))
  const { prefixCaching, kvCacheTokens, kvBlocks, kvBlockSize } = facts
  const value = { prefixCaching, kvCacheTokens, kvBlocks, kvBlockSize }
  const sources = sourcesOf((f) => [f.prefixCaching, f.kvCacheTokens, f.kvBlocks, f.kvBlockSize])
  return found('cache', value, parts.join('; '), pages(sources))
}

function cacheParts({ prefixCaching, kvCacheTokens, kvBlocks, kvBlockSize }: EngineFacts): string[] {
  const parts: string[] = []
  if (prefixCaching !== undefined) parts.push(`prefix caching ${prefixCaching ? 'on' : 'off'}`)
  const blocks =
    kvBlocks === undefined ? '' : ` in ${grouped(kvBlocks)} blocks${kvBlockSize ? ` of ${kvBlockSize}` : ''}`
  if (kvCacheTokens !== undefined) parts.push(`room for ${grouped(kvCacheTokens)} tokens${blocks}`)
  return parts
}
