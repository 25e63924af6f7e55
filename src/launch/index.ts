import type { Launcher } from './launcher.js'
import { simulatorLauncher } from './simulator/launcher.js'

export type { EngineSettings, Launcher, RunningEngine } from './launcher.js'

const LAUNCHERS: readonly Launcher[] = [simulatorLauncher]

/** @throws when there is no such folder under `launch/`; the profile's schema lets no such name through. */
export function launcherOf(kind: string): Launcher {
  const launcher = LAUNCHERS.find((candidate) => candidate.kind === kind)
  if (!launcher) throw new Error(`no launcher named ${kind}`)
  return launcher
}
