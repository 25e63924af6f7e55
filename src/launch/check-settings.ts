import type { Problem } from '../base/index.js'
import type { EngineSettings } from './contract.js'
import { engineKind } from './engines/index.js'
import { settingProblems } from './settings.js'

/** What is wrong with settings of an engine, before it is started with them. */
export const checkSettings = (kind: string, settings: EngineSettings): readonly Problem[] =>
  settingProblems(engineKind(kind), settings)
