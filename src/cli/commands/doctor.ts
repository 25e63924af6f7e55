import { EXIT, usageError } from '../../base/index.js'
import { DEFAULT_STREAMS, examineMachine, type Need, needOf, type StampSource } from '../../machine/index.js'
import type { Profile } from '../../profile/index.js'
import { chooseTransport } from '../../transport/index.js'
import { doctorText } from '../doctor-text.js'
import { layoutWidth } from '../layout.js'
import type { DoctorArguments } from '../options.js'
import { lastOfEach, profileFrom } from '../settings.js'

export async function doctorCommand(given: DoctorArguments): Promise<void> {
  const argv = lastOfEach(given)
  const { need, stamps } = plannedLoad(argv)
  const examination = await examineMachine(need, stamps)
  process.stdout.write(
    argv.format === 'json'
      ? `${JSON.stringify(examination, finite, 2)}\n`
      : `${doctorText(examination, { width: layoutWidth(), colour: hasColours() })}\n`,
  )
  process.exitCode = examination.fit ? EXIT.done : EXIT.invalid
}

/** Where nothing says how much load there will be, the machine is judged for a default. */
function plannedLoad(argv: DoctorArguments): { need: Need; stamps: StampSource } {
  if (argv.streams !== undefined && !(Number.isSafeInteger(argv.streams) && argv.streams > 0)) {
    throw usageError('--streams', `expected a whole number above 0; got ${argv.streams}`)
  }
  const profile = profileFrom(withBound(argv))
  const streams = argv.streams ?? (saysLoad(argv) ? undefined : DEFAULT_STREAMS)
  return { need: needOf(profile, streams), stamps: stampsFor(profile) }
}

const saysLoad = ({ profile, concurrency, rate, arrivals, trace, set = [] }: DoctorArguments): boolean =>
  [profile, concurrency, rate, arrivals, trace].some((value) => value !== undefined) ||
  set.some((text) => text.startsWith('load'))

/** How long a run will last makes no difference here. */
function withBound(argv: DoctorArguments): DoctorArguments {
  const bounded = argv.profile !== undefined || argv.requests !== undefined || argv.duration !== undefined
  return bounded ? argv : { ...argv, requests: 1 }
}

/** As the run would choose; a target that is not named yet is taken to speak plain HTTP. */
function stampsFor({ target }: Profile): StampSource {
  const { name, reason } = chooseTransport(target.url ?? 'http:', target.transport)
  return name === 'kernel' ? { available: true } : { available: false, reason }
}

/** JSON has no infinity; what has no limit is left out. */
const finite = (_: string, value: unknown): unknown =>
  value === Number.POSITIVE_INFINITY ? undefined : value

const hasColours = (): boolean => process.stdout.isTTY && process.stdout.hasColors()
