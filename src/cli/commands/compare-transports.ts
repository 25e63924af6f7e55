import { EXIT, type Problem, UsageError } from '../../base/index.js'
import {
  type CompareTransportsOptions,
  compareTransports,
  emitterOpponent,
  likelyTransport,
  type Opponent,
  prepareBudget,
  prepareLexicon,
  prepareTarget,
} from '../../experiment/index.js'
import type { Profile } from '../../profile/index.js'
import { kernelStampsAvailable, type TransportName } from '../../transport/index.js'
import { consentFrom } from '../consent.js'
import { commandLine, newFolder } from '../finish.js'
import { watchInterruption } from '../interruption.js'
import { layoutWidth } from '../layout.js'
import { numbersFrom } from '../numbers.js'
import type { CompareTransportsArguments } from '../options/instrument.js'
import { createProgress } from '../progress.js'
import { lastOfEach, profileFrom } from '../settings.js'
import { transportsText } from '../transports-text.js'

export async function compareTransportsCommand(given: CompareTransportsArguments): Promise<void> {
  const argv = lastOfEach(given)
  const asked = askedFrom(argv)
  const progress = createProgress()
  const interruption = watchInterruption()
  const opponent = await opponentFrom(argv, asked, progress.close)
  const comparison = await compareTransports({
    ...asked,
    transports: asked.transports.filter((name) => argv.raw !== 'both' || serves(name, opponent.profile)),
    opponent,
    ...(argv.results !== undefined && { folder: newFolder(argv.results, 'transports') }),
    command: commandLine(),
    listener: progress.lane(0),
    interruption,
  }).finally(() => opponent.close())
  progress.close()
  process.stdout.write(
    argv.format === 'json'
      ? `${JSON.stringify(comparison, null, 2)}\n`
      : `${transportsText(comparison, layoutWidth())}\n`,
  )
  const failed = comparison.figures.some((one) => one.failed > 0)
  process.exitCode = interruption.soon.aborted ? EXIT.interrupted : failed ? EXIT.invalid : EXIT.done
  interruption.release()
}

/** Of `both` the kernel's stamps are left out where they cannot be had, as behind a proxy or over TLS. */
const serves = (name: TransportName, { target, ...rest }: Profile): boolean =>
  name !== 'kernel' || likelyTransport({ ...rest, target: { ...target, transport: 'auto' } }).name === name

type Asked = Pick<CompareTransportsOptions, 'transports' | 'streams' | 'turns' | 'seconds'> & {
  readonly pace: number
}

/** @throws UsageError with every problem */
function askedFrom(argv: CompareTransportsArguments): Asked {
  const problems: Problem[] = []
  const numbers = numbersFrom(problems)
  const asked: Asked = {
    transports: transportsFrom(argv.raw, problems),
    streams: numbers.list('--streams', argv.streams, 1, 10_000),
    turns: numbers.whole('--turns', argv.turns, 1, 100),
    // Samples of the worker come twice a second.
    seconds: numbers.any('--seconds', argv.seconds, 2, 600),
    pace: numbers.any('--pace', argv.pace, 1, 1000),
  }
  if (argv.transport !== undefined) {
    problems.push({
      place: '--transport',
      message: 'all are compared here; --raw says which ones beside sdk',
    })
  }
  if (problems.length > 0) throw new UsageError(problems)
  return asked
}

function transportsFrom(
  raw: CompareTransportsArguments['raw'],
  problems: Problem[],
): readonly TransportName[] {
  const kernel = kernelStampsAvailable()
  if (raw === 'kernel' && !kernel.available) {
    problems.push({ place: '--raw', message: `kernel stamps cannot be had: ${kernel.reason}; use undici` })
  }
  if (raw !== 'both') return [raw, 'sdk']
  return kernel.available ? ['kernel', 'undici', 'sdk'] : ['undici', 'sdk']
}

/** The emitter, where no target and no engine is named. */
async function opponentFrom(
  argv: CompareTransportsArguments,
  { pace, streams, turns, transports, seconds }: Asked,
  clear: () => void,
): Promise<Opponent> {
  if ([argv.profile, argv.target, argv.engine].every((given) => given === undefined))
    return emitterOpponent(pace)
  const bounded = argv.requests !== undefined || argv.duration !== undefined || argv.profile !== undefined
  const profile = profileFrom(bounded ? argv : { ...argv, requests: 1 })
  const target = await prepareTarget(profile)
  const close = async (): Promise<void> => target.engine?.stop()
  try {
    const runs = streams.length * turns * transports.length
    const budget = await prepareBudget(
      atMost(profile, streams, seconds),
      target,
      runs,
      consentFrom(argv, clear),
    )
    return { profile, target, lexicon: await prepareLexicon(profile, target, budget), budget, close }
  } catch (thrown) {
    await close()
    throw thrown
  }
}

/** The dearest of the runs. */
const atMost = (profile: Profile, streams: readonly number[], seconds: number): Profile => ({
  ...profile,
  load: { kind: 'closed', concurrency: streams.at(-1) ?? 1 },
  limits: { ...profile.limits, requests: undefined, durationS: seconds },
})
