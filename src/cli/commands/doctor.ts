import { EXIT, usageError } from '../../base/index.js'
import { likelyTransport, workersOf } from '../../experiment/index.js'
import { DEFAULT_STREAMS, examineMachine, needOf, type StampSource } from '../../machine/index.js'
import type { Profile } from '../../profile/index.js'
import type { TransportChoice } from '../../transport/index.js'
import { doctorText } from '../doctor-text.js'
import { layoutWidth } from '../layout.js'
import type { DoctorArguments } from '../options/instrument.js'
import { lastOfEach, profileFrom } from '../settings.js'

export async function doctorCommand(given: DoctorArguments): Promise<void> {
  const argv = lastOfEach(given)
  const { profile, streams } = plannedLoad(argv)
  const need = needOf(profile, streams)
  const transport = likelyTransport(profile)
  // First, since it may measure for a moment too: two measurements at once would disturb each other.
  const { wanted, because } = await workersOf(profile, need.streams, transport.name)
  const examination = await examineMachine(need, stampsFrom(transport, profile), { wanted, because })
  process.stdout.write(
    argv.format === 'json'
      ? `${JSON.stringify(examination, finite, 2)}\n`
      : `${doctorText(examination, { width: layoutWidth(), colour: hasColours() })}\n`,
  )
  process.exitCode = examination.fit ? EXIT.done : EXIT.invalid
}

/** Where nothing says how much load there will be, the machine is judged for a default. */
function plannedLoad(argv: DoctorArguments): { profile: Profile; streams: number | undefined } {
  const asked = argv.streams === undefined ? undefined : Number(argv.streams)
  if (asked !== undefined && !(Number.isSafeInteger(asked) && asked > 0)) {
    throw usageError('--streams', `expected a whole number above 0; got ${argv.streams}`)
  }
  const profile = profileFrom(withBound(argv))
  const streams = asked ?? (saysLoad(argv) ? undefined : DEFAULT_STREAMS)
  return { profile, streams }
}

const saysLoad = ({ profile, concurrency, rate, arrivals, trace, set = [] }: DoctorArguments): boolean =>
  [profile, concurrency, rate, arrivals, trace].some((value) => value !== undefined) ||
  set.some((text) => text.startsWith('load'))

/** How long a run will last makes no difference here. */
function withBound(argv: DoctorArguments): DoctorArguments {
  const bounded = argv.profile !== undefined || argv.requests !== undefined || argv.duration !== undefined
  return bounded ? argv : { ...argv, requests: 1 }
}

function stampsFrom({ name, reason }: TransportChoice, { target }: Profile): StampSource {
  if (name === 'kernel') return { available: true }
  return { available: false, reason, ...(target.transport !== 'auto' && { asked: target.transport }) }
}

/** JSON has no infinity; what has no limit is left out. */
const finite = (_: string, value: unknown): unknown =>
  value === Number.POSITIVE_INFINITY ? undefined : value

const hasColours = (): boolean => process.stdout.isTTY && process.stdout.hasColors()
