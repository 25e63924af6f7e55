import { readRecords, readRun } from '../../analyse/index.js'
import type { Budget } from '../../drive/index.js'
import type { Profile } from '../../profile/index.js'
import type { RequestRecord } from '../../record/index.js'
import type { Lexicon } from '../../workload/index.js'
import type { RunListener } from '../listener.js'
import { type Interruption, measureRun } from '../run.js'
import type { PreparedTarget } from '../target.js'

interface LoadOptions {
  /** With the time that the load lasts at the most. */
  readonly profile: Profile
  readonly target: PreparedTarget
  readonly lexicon: Lexicon
  readonly folder: string
  readonly label: string
  readonly command: string
  readonly listener: RunListener
  readonly interruption: Interruption
  readonly budget: Budget | undefined
}

/** A load that is under way. */
export interface RunningLoad {
  /** Sends nothing more, waits until what is open has ended, and resolves with what was recorded. */
  end(): Promise<RecordedLoad>
  /** Ends it at once. */
  drop(): Promise<void>
}

export interface RecordedLoad {
  /** The run's zero on the machine's monotonic clock, in ns: stamps of the records count from it. */
  readonly zeroNs: number
  readonly records: readonly RequestRecord[]
}

/** Resolves once the plan has begun; that nobody listens at the target yet does not end it. */
export async function beginLoad(options: LoadOptions): Promise<RunningLoad> {
  const { folder, label, listener, interruption } = options
  const [soon, now] = [new AbortController(), new AbortController()]
  let begin = (): void => {}
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  const ended = measureRun({
    ...options,
    // Its canary streams would take of the processor that the engine starts on.
    canary: false,
    setting: { label, axes: {} },
    listener: {
      ...listener,
      // The plan is longer than the load will last: what is left of it tells nothing.
      onLive: (state) => listener.onLive({ ...state, planned: null, endsAtS: null }),
      onPointDone: () => undefined,
    },
    interruption: {
      soon: AbortSignal.any([soon.signal, interruption.soon]),
      now: AbortSignal.any([now.signal, interruption.now]),
    },
    duringStart: begin,
  })
  await Promise.race([begun, ended])
  return {
    async end() {
      soon.abort()
      await ended
      const { manifest } = await readRun(folder)
      const records: RequestRecord[] = []
      for await (const record of readRecords(folder)) records.push(record)
      return { zeroNs: manifest.zeroMonotonicNs, records }
    },
    async drop() {
      soon.abort()
      now.abort()
      // It was to be thrown away; what went wrong with the start is what counts.
      await ended.catch(() => undefined)
    },
  }
}

/** The profile's load for so long, with neither warm-up nor a number of requests. */
export function loadFor(profile: Profile, seconds: number): Profile {
  const { requests: _, warmupRequests: __, warmupS: ___, ...limits } = profile.limits
  return { ...profile, limits: { ...limits, durationS: seconds } }
}
