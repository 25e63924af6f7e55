import { FalloffError, type Problem, UsageError } from '../../base/index.js'
import { type Axis, assertTransport, measureSweep, parseAxis } from '../../experiment/index.js'
import { consentFrom } from '../consent.js'
import { commandLine, exitCodeOf, finish, newFolder } from '../finish.js'
import { concludeWith, gatesFrom } from '../gates.js'
import { watchInterruption } from '../interruption.js'
import type { SweepArguments } from '../options/measure.js'
import { createProgress } from '../progress.js'
import { profileFrom } from '../settings.js'

export async function sweepCommand(argv: SweepArguments): Promise<void> {
  const axes = axesFrom(argv.over)
  const profile = profileFrom(withBound(argv))
  assertTransport(profile)
  const gates = await gatesFrom(argv)
  const folder = newFolder(argv.results, profile.name)
  const progress = createProgress()
  const listener = progress.lane(0)
  const interruption = watchInterruption()
  const { stopReason } = await measureSweep({
    profile,
    axes,
    folder,
    command: commandLine(),
    listener,
    interruption,
    consent: consentFrom(argv, progress.close),
  })
  progress.close()
  const findings = await finish({ folder, out: argv.out, format: argv.format })
  interruption.release()
  if (stopReason === 'target-lost') {
    throw new FalloffError(
      'TARGET_LOST',
      'the target stopped answering; the report holds what was measured before',
    )
  }
  const code = exitCodeOf(findings, interruption.soon.aborted)
  process.exitCode = await concludeWith(gates, { folder, code, flags: argv })
}

function axesFrom(texts: readonly string[]): Axis[] {
  const axes: Axis[] = []
  const problems: Problem[] = []
  for (const parsed of texts.map(parseAxis)) {
    if ('message' in parsed) problems.push(parsed)
    else axes.push(parsed)
  }
  if (problems.length > 0) throw new UsageError(problems)
  return axes
}

/** A sweep sizes its points by itself: without any bound it needs none from the user. */
const LEAST_REQUESTS = 50

function withBound(argv: SweepArguments): SweepArguments {
  const bounded = argv.profile !== undefined || argv.requests !== undefined || argv.duration !== undefined
  return bounded ? argv : { ...argv, requests: LEAST_REQUESTS }
}
