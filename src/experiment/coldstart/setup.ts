import { sToNs } from '../../base/index.js'
import type { Budget } from '../../drive/index.js'
import { type EngineChoice, freePort } from '../../launch/index.js'
import { type MetricObjective, type Profile, parseObjective } from '../../profile/index.js'
import type { Lexicon } from '../../workload/index.js'
import { waysTo } from '../connection.js'
import type { RunListener } from '../listener.js'
import type { Interruption } from '../run.js'
import type { PreparedTarget } from '../target.js'

/** What all starts of a command share. */
export interface ColdSetup {
  readonly profile: Profile
  readonly choice: EngineChoice
  /** As a rehearsal found it; its address is another at each start. */
  readonly target: PreparedTarget
  readonly lexicon: Lexicon
  readonly budget: Budget | undefined
  readonly files: readonly string[]
  readonly dropPageCache: boolean
  readonly settleS: number
  /** How long the load lasts at the most, in s: a start that takes longer than the rehearsal by far ends without it. */
  readonly mostLoadS: number
  readonly folder: string
  readonly command: string
  readonly listener: RunListener
  readonly interruption: Interruption
}

/** Requests of a closed load wait for answers: none arrives while nobody answers. */
export const isOpenLoad = ({ load }: Profile): boolean =>
  load.kind !== 'closed' && !(load.kind === 'stages' && load.stages[0]?.concurrency !== undefined)

/** Where the port is known before the engine is there, so that requests can be sent to it and its opening seen. */
export const knowsPort = ({ place }: EngineChoice): boolean =>
  place.kind === 'local' || place.kind === 'docker'

/** The port that the engine is told, or any that is free. */
export const portFor = async ({ port, place }: EngineChoice): Promise<number | undefined> =>
  port ?? (place.kind === 'local' || place.kind === 'docker' ? freePort(0) : undefined)

/** The same target at another address. */
export function targetAt(
  { profile, target }: Pick<ColdSetup, 'profile' | 'target'>,
  url: string,
): PreparedTarget {
  const { headers, facts } = target
  return {
    baseUrl: url,
    metricsUrl: `${url}/metrics`,
    headers,
    ways: waysTo([url], profile.target),
    facts: { ...facts, url },
  }
}

/** The first objective that is a limit on the time to the first token, whatever its statistic. */
export function ttftObjective({ objectives }: Profile): MetricObjective | undefined {
  return objectives
    .map(parseObjective)
    .find(
      (o): o is MetricObjective =>
        typeof o === 'object' && o.kind === 'metric' && /^ttft/.test(o.metric) && o.comparison === '<=',
    )
}

/** Windows that slide over the time watched: long enough to hold requests, short enough to tell a course. */
export const windowNs = (settleS: number): number => sToNs(Math.max(1, settleS / 5))
