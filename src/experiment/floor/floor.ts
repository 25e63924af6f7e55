import { NS_PER_S } from '../../base/index.js'
import { withoutCredentials } from '../../observe/index.js'
import type { MachineFacts } from '../../record/index.js'
import { type Quantiles, quantilesOf } from '../compare-transports/figures.js'
import { machineFacts, TOOL_VERSION } from '../machine.js'
import type { Interruption } from '../run.js'
import { fireFrom } from './child.js'
import type { FloorJob, FloorSample } from './job.js'

/** `target`: what is examined, with the gateway. `direct`: what stands behind it, without. */
type FloorPlace = 'target' | 'direct'

export interface FloorOptions {
  readonly places: Readonly<Partial<Record<FloorPlace, string>>>
  /** Behind the base URL. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Sent with POST; GET without. */
  readonly body?: string
  readonly connections: readonly number[]
  readonly seconds: number
  readonly amount: number
  readonly turns: number
  readonly command: string
  onPhase(text: string): void
  readonly interruption: Interruption
}

/** All turns of one place at one load. */
export interface FloorFigures {
  readonly place: FloorPlace
  readonly connections: number
  readonly answers: number
  readonly non2xx: number
  readonly errors: number
  /** Of 2xx answers, from the wish to send to the whole answer, in ns. */
  readonly latencyNs: Quantiles | null
  readonly requestsPerS: number
}

/** What the gateway adds: quantiles subtracted, and the share of the requests/s that is left. */
export interface GatewayCost {
  readonly connections: number
  readonly p50Ns: number | null
  readonly p99Ns: number | null
  readonly requestsPerSShare: number | null
}

export interface Floor {
  readonly format: 1
  readonly tool: { readonly name: 'falloff'; readonly version: string }
  readonly command: string
  readonly madeAtUtc: string
  readonly machine: MachineFacts
  /** Without credentials. */
  readonly places: Readonly<Partial<Record<FloorPlace, string>>>
  /** Such as `GET /health`. */
  readonly asked: string
  readonly figures: readonly FloorFigures[]
  readonly gateway: readonly GatewayCost[]
}

/** Load by load, in turns: what disturbs one place disturbs the other, too. */
export async function measureFloor(options: FloorOptions): Promise<Floor> {
  const { connections, turns, interruption, body, path } = options
  const names = (['direct', 'target'] as const).filter((name) => options.places[name] !== undefined)
  const found: (readonly [FloorPlace, number, FloorSample])[] = []
  const madeAtUtc = new Date().toISOString()
  const plan = connections.flatMap((n) =>
    Array.from({ length: turns }, (_, turn) =>
      (turn % 2 === 0 ? names : names.toReversed()).map((name) => ({ n, name })),
    ).flat(),
  )
  for (const [i, { n, name }] of plan.entries()) {
    if (interruption.soon.aborted) break
    options.onPhase(`${name}: ${n} ${n === 1 ? 'connection' : 'connections'} (${i + 1} of ${plan.length})`)
    const sample = await fireFrom(jobOf(options, name, n), interruption.now)
    found.push([name, n, sample])
  }
  const figures = connections.flatMap((n) => names.map((name) => figuresOf(name, n, found)))
  return {
    format: 1,
    tool: { name: 'falloff', version: TOOL_VERSION },
    command: options.command,
    madeAtUtc,
    machine: machineFacts(),
    places: shownPlaces(options.places),
    asked: `${body === undefined ? 'GET' : 'POST'} ${path}`,
    figures,
    gateway: names.length < 2 ? [] : connections.map((n) => gatewayCost(n, figures)),
  }
}

const shownPlaces = (places: FloorOptions['places']): FloorOptions['places'] =>
  Object.fromEntries(Object.entries(places).map(([name, url]) => [name, withoutCredentials(url)]))

function jobOf(options: FloorOptions, name: FloorPlace, connections: number): FloorJob {
  const { path, headers, body, seconds, amount, places } = options
  const common = { url: `${(places[name] ?? '').replace(/\/$/, '')}${path}`, connections, seconds, amount }
  if (body === undefined) return { ...common, method: 'GET', headers }
  return { ...common, method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body }
}

function figuresOf(
  place: FloorPlace,
  connections: number,
  found: readonly (readonly [FloorPlace, number, FloorSample])[],
): FloorFigures {
  const samples = found
    .filter(([name, n]) => name === place && n === connections)
    .map(([, , sample]) => sample)
  const sum = (pick: (sample: FloorSample) => number): number =>
    samples.reduce((all, one) => all + pick(one), 0)
  const answers = sum((sample) => sample.answers)
  return {
    place,
    connections,
    answers,
    non2xx: sum((sample) => sample.non2xx),
    errors: sum((sample) => sample.errors),
    latencyNs: quantilesOf(samples.flatMap(({ latenciesNs }) => latenciesNs)),
    requestsPerS: answers / Math.max(1 / NS_PER_S, sum((sample) => sample.tookNs) / NS_PER_S),
  }
}

function gatewayCost(connections: number, figures: readonly FloorFigures[]): GatewayCost {
  const at = (place: FloorPlace) =>
    figures.find((one) => one.place === place && one.connections === connections)
  const [target, direct] = [at('target'), at('direct')]
  const minus = (q: 'p50' | 'p99'): number | null =>
    target?.latencyNs && direct?.latencyNs ? target.latencyNs[q] - direct.latencyNs[q] : null
  const share = target && direct && direct.requestsPerS > 0 ? target.requestsPerS / direct.requestsPerS : null
  return { connections, p50Ns: minus('p50'), p99Ns: minus('p99'), requestsPerSShare: share }
}
