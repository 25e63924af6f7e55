import { FalloffError, redactAll } from '../base/index.js'
import { withoutCredentials } from '../observe/index.js'
import { APIS, type Api } from '../protocol/index.js'
import type { ConnectionSetting } from '../transport/index.js'
import { adviceOf } from './advice.js'
import { apiFindings } from './api-findings.js'
import { type Asker, createAsker } from './asker.js'
import type { FindingGroup } from './finding.js'
import { type Identity, identify, identifyAgain } from './identity.js'
import { SHORT_PROMPT, shortTokensOf, tryLengths } from './length.js'
import { examineNetwork, type NetworkFacts } from './network.js'
import { networkFindings } from './network-findings.js'
import { serverFindings } from './server-findings.js'
import { measureSpeed } from './speed.js'
import { streamFindings, type Trial } from './stream-findings.js'
import { type TargetFields, targetFields } from './target-fields.js'
import { tryTokenizer } from './tokenizer.js'
import { answers, type Heard, hear, verdictOf } from './tries.js'

export interface ProbeOptions {
  /** As `baseUrlOf` gives it. */
  readonly baseUrl: string
  /** The API to describe and to write down; the first that streams when left out. */
  readonly api?: string | undefined
  readonly model?: string | undefined
  /** Headers of each API, with its key. */
  readonly headersOf: (api: string) => Readonly<Record<string, string>>
  readonly connection: ConnectionSetting
  /** Of one try. */
  readonly timeoutMs: number
  readonly onPhase?: (text: string) => void
}

export interface ProbeResult {
  readonly url: string
  readonly requests: number
  readonly tookS: number
  readonly groups: readonly FindingGroup[]
  /** What to do about doors that were closed; empty where none was. */
  readonly advice: readonly string[]
  /** Undefined where no API answered, or not the one asked for: there is nothing to run against. */
  readonly target?: TargetFields
}

/** All of it together, whatever hangs. */
const MAX_MS = 180_000
const MAX_REQUESTS = 32
/** A page is there or not; a generation may have to wait for a model to be loaded. */
const PAGE_MS = 3_000
/** For 64 tokens, where one try has 8. */
const SPEED_TIMES = 3
/** APIs tried at a time: an engine with one slot is not to be queued up. */
const AT_ONCE = 3

/**
 * Finds out what answers at a URL, in at most 32 small requests and 3 minutes; as a rule in half as many, and in seconds. Nothing
 * that was kept secret is in the result.
 * @throws FalloffError TARGET_UNREACHABLE when nothing accepts a connection; whatever `headersOf` throws, before it
 */
export async function probe(options: ProbeOptions): Promise<ProbeResult> {
  const { baseUrl, connection, timeoutMs, onPhase } = options
  // A key that is not there is told before anything is sent.
  const access = new Map(APIS.map(({ name }) => [name, options.headersOf(name)]))
  const startMs = performance.now()
  onPhase?.('connecting')
  const network = await examineNetwork(new URL(baseUrl), connection, Math.min(PAGE_MS, timeoutMs))
  if (network.connectNs.length === 0) throw unreachable(baseUrl, network.failure?.message)
  // Offered only where it will be taken: without HTTP/2, one connection would carry one request at a time.
  const http2 = connection.http2 === true && network.tls?.alpn === 'h2'
  const asker = createAsker({
    ...{ baseUrl, connection: { ...connection, http2 }, maxRequests: MAX_REQUESTS, maxMs: MAX_MS },
  })
  try {
    const seen = await askServer(asker, { ...options, headersOf: (api) => access.get(api) ?? {} })
    const { api, model, trial } = seen
    const url = withoutCredentials(baseUrl)
    const target = trial && api && targetFields(url, api.name, model, trial)
    return redactAll({
      url,
      requests: asker.asked(),
      tookS: (performance.now() - startMs) / 1000,
      groups: groupsOf(seen, network, options.model !== undefined),
      advice: adviceOf(seen.heard, trial?.speeds ?? []),
      ...(target && { target }),
    })
  } finally {
    await asker.close()
  }
}

/** What came over HTTP. */
interface Seen {
  readonly identity: Identity
  readonly heard: readonly Heard[]
  readonly model: string | undefined
  readonly api: Api | undefined
  readonly trial: Trial | undefined
}

async function askServer(asker: Asker, options: ProbeOptions): Promise<Seen> {
  const { timeoutMs, headersOf, onPhase } = options
  onPhase?.('looking at its pages')
  // Every way of giving a key at once: which of them the server wants is not known yet.
  const headers = Object.assign(
    {},
    ...APIS.map(({ name, headers: own }) => ({ ...own, ...headersOf(name) })),
  ) as Record<string, string>
  const page = { headers, deadlineMs: Math.min(PAGE_MS, timeoutMs) }
  let identity = await identify(asker, options.model, page)
  const listed = options.model ?? identity.facts.models[0]
  onPhase?.('trying the APIs')
  const heard = await tryApis(asker, listed ?? UNNAMED, options)
  const api = chooseApi(heard, options.api)
  const first = heard.find((one) => one.api === api?.name)
  // A server that lists no models may name the one that answers.
  const model = listed ?? first?.model
  const trial = api && first && (await examine(api, first, asker, { ...options, model: model ?? UNNAMED }))
  const { engine, maxModelLen } = identity.facts
  if (trial && engine !== undefined && maxModelLen === undefined) {
    identity = await identifyAgain(identity, asker, model, page)
  }
  return { identity, heard, model, api, trial }
}

/** Where no model is known, many servers take any name. */
const UNNAMED = 'default'

async function tryApis(
  asker: Asker,
  model: string,
  { timeoutMs: deadlineMs, headersOf }: ProbeOptions,
): Promise<Heard[]> {
  const heard: Heard[] = []
  const left = APIS.map((api, index) => ({ api, index }))
  const takeTurns = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const headers = headersOf(next.api.name)
      const question = {
        model,
        prompt: SHORT_PROMPT,
        outputTokens: shortTokensOf(next.api),
        headers,
        deadlineMs,
      }
      heard[next.index] = await hear(next.api, asker, question)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, takeTurns))
  return heard
}

/** The one asked for if it answers; else the first that streams, else the first that answers. */
function chooseApi(heard: readonly Heard[], wanted: string | undefined): Api | undefined {
  const fine = heard.filter((one) => answers(verdictOf(one)) && (wanted === undefined || one.api === wanted))
  const best = fine.find((one) => verdictOf(one) === 'streams') ?? fine[0]
  return APIS.find(({ name }) => name === best?.api)
}

async function examine(
  api: Api,
  first: Heard,
  asker: Asker,
  { model, timeoutMs, headersOf, onPhase }: ProbeOptions & { readonly model: string },
): Promise<Trial> {
  const common = { model, headers: headersOf(api.name), deadlineMs: timeoutMs }
  onPhase?.(`asking for an exact length (${api.name})`)
  const length = await tryLengths(api, asker, common, first)
  const tokenizer = await tryTokenizer(asker, api.name, {
    ...common,
    deadlineMs: Math.min(PAGE_MS, timeoutMs),
  })
  onPhase?.('measuring one stream')
  const exactOutput = length.exact === 'obeyed' || length.exact === 'seems obeyed'
  const speeds = await measureSpeed(api, asker, {
    ...{ ...common, exactOutput, deadlineMs: SPEED_TIMES * timeoutMs },
  })
  return { first, length, tokenizer, speeds }
}

function groupsOf(
  { identity, heard, model, api, trial }: Seen,
  network: NetworkFacts,
  given: boolean,
): FindingGroup[] {
  const answered = [...identity.answers.values(), ...heard.map(({ answer }) => answer)]
  const paths = new Map(APIS.map(({ name, path }) => [name, path]))
  return [
    { title: 'Server', findings: serverFindings(identity, model, given) },
    { title: 'APIs', findings: apiFindings(heard, paths) },
    ...(trial && api ? [{ title: `Streams of ${api.name}`, findings: streamFindings(trial) }] : []),
    { title: 'Network', findings: networkFindings(network, answered) },
  ]
}

const unreachable = (baseUrl: string, why = 'no connection'): FalloffError =>
  new FalloffError('TARGET_UNREACHABLE', `nothing answers at ${withoutCredentials(baseUrl)} (${why})`, {
    hint: 'Start the server, or check the URL.',
  })
