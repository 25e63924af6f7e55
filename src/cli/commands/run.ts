import { EXIT, FalloffError } from '../../base/index.js'
import {
  assertTransport,
  measureRun,
  prepareBudget,
  prepareLexicon,
  prepareTarget,
  preparing,
} from '../../experiment/index.js'
import { consentFrom } from '../consent.js'
import { commandLine, exitCodeOf, finish, newFolder } from '../finish.js'
import { concludeWith, gatesFrom } from '../gates.js'
import { watchInterruption } from '../interruption.js'
import type { RunArguments } from '../options/measure.js'
import { createProgress } from '../progress.js'
import { profileFrom } from '../settings.js'

export async function runCommand(argv: RunArguments): Promise<void> {
  const profile = profileFrom(argv)
  assertTransport(profile)
  const gates = await gatesFrom(argv)
  const folder = newFolder(argv.results, profile.name)
  const progress = createProgress()
  const listener = progress.lane(0)
  const interruption = watchInterruption()
  listener.onPhase(preparing(profile))
  const { onPhase } = listener
  const target = await prepareTarget(profile, {}, { folder, onPhase, signal: interruption.soon })
  try {
    const budget = await prepareBudget(profile, target, 1, consentFrom(argv, progress.close))
    listener.onPhase('learning how the target counts tokens')
    const lexicon = await prepareLexicon(profile, target, budget)
    listener.onPhase('measuring')
    const setting = { label: 'run', axes: {} }
    const reason = await measureRun({
      profile,
      target,
      lexicon,
      folder,
      setting,
      command: commandLine(),
      listener,
      interruption,
      budget,
    })
    progress.close()
    const findings = await finish({ folder, out: argv.out, format: argv.format })
    if (reason === 'target-lost') {
      throw new FalloffError(
        'TARGET_LOST',
        'the target stopped answering; the report holds what was measured before',
      )
    }
    const code = exitCodeOf(findings, interruption.soon.aborted)
    process.exitCode = await concludeWith(gates, { folder, code, flags: argv })
  } finally {
    interruption.release()
    await target.engine?.stop()
  }
  if (process.exitCode === EXIT.interrupted) process.exit(EXIT.interrupted)
}
