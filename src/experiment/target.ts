import { UsageError } from '../base/index.js'
import type { Assignment } from '../drive/index.js'
import { type EngineSettings, type LaunchOptions, launch, type RunningEngine } from '../launch/index.js'
import { assertReachable, reachBy, readFacts } from '../observe/index.js'
import type { Profile } from '../profile/index.js'
import type { TargetFacts } from '../record/index.js'
import { urlsOf, waysTo } from './connection.js'
import { engineChoiceOf, withLaunch } from './engine.js'
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

/**
 * Starts the engine where the profile has one, and asks the target what it is.
 *
 * @param engineSettings laid over those of the profile's engine
 * @param options of the launch: the folder that keeps the engine's log, who is told what happens, what gives it up
 */
export async function prepareTarget(
  profile: Profile,
  engineSettings: EngineSettings = {},
  options: LaunchOptions = {},
): Promise<PreparedTarget> {
  const headers = resolveAccess(profile.target, process.env)
  const engine = profile.engine && (await launch(engineChoiceOf(profile.engine), engineSettings, options))
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
      facts: withLaunch(facts, engine),
      ...(engine && { engine }),
    }
  } catch (thrown) {
    await engine?.stop()
    throw thrown
  }
}

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
