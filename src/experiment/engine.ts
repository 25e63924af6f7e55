import { basename } from 'node:path'
import type { EngineChoice, RunningEngine } from '../launch/index.js'
import type { Profile } from '../profile/index.js'
import type { LaunchRecord, TargetFacts } from '../record/index.js'

/** What the profile says of its engine, as the launcher takes it. */
export const engineChoiceOf = (engine: NonNullable<Profile['engine']>): EngineChoice => ({
  ...engine,
  model: engine.model ?? engine.description ?? '',
})

/** What happens first, for the progress line: `starting vllm with light`. */
export function preparing({ engine }: Profile): string {
  if (engine === undefined) return 'asking the target what it is'
  const { kind, description, model } = engine
  if (kind === 'simulator') return `starting ${description}`
  return model === undefined ? `starting the ${kind}` : `starting ${kind} with ${basename(model)}`
}

/** What the manifest keeps of the engine's start. */
export const launchRecordOf = (engine: RunningEngine): LaunchRecord => ({
  kind: engine.kind,
  commandLine: engine.commandLine,
  readyS: engine.readyS,
  phases: engine.phases,
  facts: engine.facts,
  ...(engine.forecast && { forecast: engine.forecast }),
})

/**
 * The target's facts with what no endpoint tells: what the engine's log says is in force, before that what it was started
 * with. What the engine itself tells over HTTP is newer, and stays.
 */
export function withLaunch(facts: TargetFacts, engine: RunningEngine | undefined): TargetFacts {
  if (engine === undefined) return facts
  const { settings, facts: logged } = engine
  const { maxNumSeqs, maxNumBatchedTokens } = settings
  return {
    ...(logged.maxModelLen !== undefined && { maxModelLen: logged.maxModelLen }),
    ...(logged.kvCacheTokens !== undefined && { kvCacheTokens: logged.kvCacheTokens }),
    ...(logged.kvBlocks !== undefined && { kvBlocks: logged.kvBlocks }),
    ...(logged.version !== undefined && { version: logged.version }),
    ...facts,
    ...(typeof maxNumSeqs === 'number' && { maxNumSeqs }),
    ...(typeof maxNumBatchedTokens === 'number' && { maxNumBatchedTokens }),
    ...(logged.maxNumSeqs !== undefined && { maxNumSeqs: logged.maxNumSeqs }),
    ...(logged.maxNumBatchedTokens !== undefined && { maxNumBatchedTokens: logged.maxNumBatchedTokens }),
  }
}
