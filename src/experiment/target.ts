import { UsageError } from '../base/index.js'
import type { Assignment } from '../drive/index.js'
import { type EngineSettings, launcherOf, type RunningEngine } from '../launch/index.js'
import { assertReachable, reachBy, readFacts } from '../observe/index.js'
import type { Profile } from '../profile/index.js'
import type { TargetFacts } from '../record/index.js'
import { urlsOf, waysTo } from './connection.js'
import { resolveAccess, withoutUser } from './keys.js'

/** A target that answers, with all that is known of it. */
export interface PreparedTarget {
  readonly baseUrl: string
  readonly metricsUrl: string
  /** Resolved from the environment; never written anywhere. */
  readonly headers: Readonly<Record<string, string>>
  readonly facts: TargetFacts
  /** How the target is reached, at each of its base URLs. */
  readonly ways: Assignment['ways']
  /** The engine, where falloff started it. */
  readonly engine?: RunningEngine
}

/** Starts the engine where the profile has one, and asks the target what it is. */
export async function prepareTarget(
  profile: Profile,
  engineSettings: EngineSettings = {},
): Promise<PreparedTarget> {
  const headers = resolveAccess(profile.target, process.env)
  const engine = profile.engine && (await startEngine(profile.engine, engineSettings))
  try {
    const urls = engine ? [engine.url] : urlsFrom(profile).map(withoutUser)
    const baseUrl = (urls[0] ?? '').replace(/\/$/, '')
    const ways = waysTo(urls, profile.target)
    for (const { origin, connection } of ways) reachBy(origin, connection)
    await assertReachable(baseUrl, headers)
    const metricsUrl = profile.target.metricsUrl ?? `${baseUrl}/metrics`
    const { api, model } = profile.target
    const facts = await readFacts({ baseUrl, metricsUrl, headers, api, model })
    if (facts.model === '') {
      throw new UsageError([
        { place: 'target.model', message: `${facts.url} lists no models; name one with --model` },
      ])
    }
    return {
      baseUrl,
      metricsUrl,
      headers,
      ways,
      facts: withSettings(facts, engine?.settings),
      ...(engine && { engine }),
    }
  } catch (thrown) {
    await engine?.stop()
    throw thrown
  }
}

const startEngine = (
  choice: NonNullable<Profile['engine']>,
  settings: EngineSettings,
): Promise<RunningEngine> =>
  launcherOf(choice.kind).start(choice.description, { ...choice.settings, ...settings })

function urlsFrom(profile: Profile): readonly string[] {
  const urls = urlsOf(profile.target)
  if (urls.length > 0) return urls
  throw new UsageError([
    {
      place: 'target.url',
      message: 'no target: give --target http://host:port, or an engine that falloff starts (--engine NAME)',
    },
  ])
}

/** No endpoint tells these; the one who launched the engine knows. */
function withSettings(facts: TargetFacts, settings: EngineSettings | undefined): TargetFacts {
  const maxNumSeqs = settings?.maxNumSeqs
  const maxNumBatchedTokens = settings?.maxNumBatchedTokens
  return {
    ...facts,
    ...(typeof maxNumSeqs === 'number' && { maxNumSeqs }),
    ...(typeof maxNumBatchedTokens === 'number' && { maxNumBatchedTokens }),
  }
}
