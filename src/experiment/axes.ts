import { camelCase, nearest, type Problem, usageError } from '../base/index.js'
import type { EngineSettings } from '../launch/index.js'
import type { Profile } from '../profile/index.js'
import type { PointSetting } from '../record/index.js'

/** One swept dimension. `auto` lets the sweep choose the values. */
export interface Axis {
  readonly name: string
  readonly values: readonly number[] | 'auto'
}

const LOAD_AXES = ['concurrency', 'ratePerS'] as const
const AXES = [...LOAD_AXES, 'inputTokens', 'outputTokens'] as const
const ENGINE_PREFIX = 'engine.'

/** `concurrency=1,2,4` or `concurrency=auto` or `engine.maxNumSeqs=8,32`; spelled as a flag too: `rate=2`, `engine.max-num-seqs=8`. */
export function parseAxis(text: string): Axis | Problem {
  const place = `--over ${text}`
  const [written = '', list = ''] = text.split('=', 2).map((part) => part.trim())
  const name = written === 'rate' ? 'ratePerS' : camelCase(written)
  if (!(AXES as readonly string[]).includes(name) && !name.startsWith(ENGINE_PREFIX)) {
    const guess = nearest(name, [...AXES, 'engine.maxNumSeqs'])
    return {
      place,
      message: `unknown dimension "${name}"; ${guess ? `did you mean "${guess}"?` : `known: ${AXES.join(', ')}, engine.<setting>`}`,
    }
  }
  if (list === 'auto') {
    if ((LOAD_AXES as readonly string[]).includes(name)) return { name, values: 'auto' }
    return { place, message: `only ${LOAD_AXES.join(' and ')} can be auto; list the values` }
  }
  const values = list.split(',').map(Number)
  if (list === '' || values.some((v) => !Number.isFinite(v) || v <= 0)) {
    return {
      place,
      message: `expected numbers above 0 separated by commas, such as ${name}=1,2,4,8; got "${list}"`,
    }
  }
  if (name !== 'ratePerS' && !name.startsWith(ENGINE_PREFIX) && values.some((v) => !Number.isInteger(v))) {
    return { place, message: `${name} takes whole numbers` }
  }
  return { name, values: [...new Set(values)].sort((a, b) => a - b) }
}

export const isEngineAxis = (axis: Axis): boolean => axis.name.startsWith(ENGINE_PREFIX)

/** The axis that runs along the x axis of every panel: the load. */
export function loadAxis(axes: readonly Axis[]): Axis {
  const axis = axes.find((a) => !isEngineAxis(a))
  if (!axis)
    throw usageError(
      '--over',
      'one dimension must be the load: --over concurrency=1,2,4,8 or --over ratePerS=…',
    )
  return axis
}

/** Every combination of values of the given axes. */
export function combinations(axes: readonly Axis[]): Record<string, number>[] {
  return axes.reduce<Record<string, number>[]>(
    (sets, axis) => sets.flatMap((set) => valuesOf(axis).map((value) => ({ ...set, [axis.name]: value }))),
    [{}],
  )
}

const valuesOf = ({ values }: Axis): readonly number[] => (values === 'auto' ? [] : values)

export const settingOf = (axes: Readonly<Record<string, number>>): PointSetting => ({
  label: Object.entries(axes)
    .map(([name, value]) => `${name}=${value}`)
    .join(' '),
  axes,
})

export const engineSettingsOf = (axes: Readonly<Record<string, number>>): EngineSettings =>
  Object.fromEntries(
    Object.entries(axes).flatMap(([name, value]) =>
      name.startsWith(ENGINE_PREFIX) ? [[name.slice(ENGINE_PREFIX.length), value]] : [],
    ),
  )

/** Least number of samples for a quantile's two-sided 95 % interval to be bounded: the largest n with q^n > 0.025, plus one. */
const samplesFor = (quantile: number): number => Math.ceil(Math.log(0.025) / Math.log(quantile))

/**
 * The profile of one point. A closed point gets enough requests for every slot to be used several times and for the
 * objectives' percentiles to be bounded; where the profile bounds the time, the time decides.
 */
export function profileAt(
  profile: Profile,
  axes: Readonly<Record<string, number>>,
  quantiles: readonly number[],
): Profile {
  const { concurrency, ratePerS, inputTokens, outputTokens } = axes
  const workload = {
    ...profile.workload,
    ...(inputTokens !== undefined && { inputTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
  }
  const slots = concurrency ?? (profile.load.kind === 'closed' ? profile.load.concurrency : undefined)
  if (ratePerS !== undefined) {
    const load =
      profile.load.kind === 'constant' || profile.load.kind === 'gamma'
        ? profile.load
        : { kind: 'poisson' as const }
    return { ...profile, workload, load: { ...load, ratePerS } }
  }
  if (slots === undefined) return { ...profile, workload }
  const { limits } = profile
  const least = Math.max(ROUNDS * slots, ...quantiles.map(samplesFor))
  return {
    ...profile,
    workload,
    load: { kind: 'closed', concurrency: slots },
    limits: { ...boundsOf(limits, least), ...warmupOf(limits, slots) },
  }
}

/** Time decides alone where the profile gives one: a number made for one load would end a higher one inside its warm-up. */
function boundsOf({ requests, ...limits }: Profile['limits'], least: number): Profile['limits'] {
  return limits.durationS === undefined ? { ...limits, requests: Math.max(requests ?? 0, least) } : limits
}

/** One request a slot, unless the profile says otherwise; where time bounds the point, a quarter of it. */
function warmupOf(
  { warmupRequests, warmupS, durationS }: Profile['limits'],
  slots: number,
): Partial<Profile['limits']> {
  if (warmupRequests !== undefined || warmupS !== undefined) return {}
  return durationS === undefined ? { warmupRequests: slots } : { warmupS: durationS / 4 }
}

/** How many requests each slot carries at least: enough for steady state after the burst of the start. */
const ROUNDS = 4
