import { type Problem, UsageError } from '../base/index.js'
import {
  ENGINE_KINDS,
  loadProfile,
  type Profile,
  parseSetting,
  readTarget,
  type Setting,
} from '../profile/index.js'
import type { ProfileArguments } from './options/shared.js'

/** Some commands have only some of the flags. */
type Given = Partial<ProfileArguments>

/** Flags that stand for one path of the profile. */
const PATHS: readonly (readonly [flag: keyof ProfileArguments & string, path: string])[] = [
  ['api', 'target.api'],
  ['transport', 'target.transport'],
  ['model', 'target.model'],
  ['key-env', 'target.keyEnv'],
  ['tokenizer', 'target.tokenizer'],
  ['requests', 'limits.requests'],
  ['duration', 'limits.durationS'],
  ['warmup', 'limits.warmupRequests'],
  ['input-tokens', 'workload.inputTokens'],
  ['output-tokens', 'workload.outputTokens'],
  ['dataset', 'workload.dataset.path'],
  ['trace', 'workload.trace.path'],
  ['objective', 'objectives'],
  ['workers', 'workers'],
  ['name', 'name'],
  ['retry', 'retry.policy'],
  ['budget-usd', 'budget.usd'],
  ['budget-requests', 'budget.requests'],
]

/** The profile with every flag laid over it. @throws UsageError with every problem */
export function profileFrom(given: Given): Profile {
  const argv = lastOfEach(given)
  const problems: Problem[] = []
  // A target file first: flags that say one thing of the target go over it.
  const settings: Setting[] = targetSettings(argv, problems)
  for (const [flag, path] of PATHS) {
    const value = argv[flag]
    const served = flag === 'model' && isKind(argv.engine)
    if (value !== undefined) settings.push({ path: served ? 'engine.model' : path, value, flag: `--${flag}` })
  }
  settings.push(...loadSettings(argv, problems), ...headerSettings(argv, problems))
  for (const text of argv.set ?? []) {
    const parsed = parseSetting(text)
    if ('message' in parsed) problems.push(parsed)
    else settings.push(parsed)
  }
  try {
    const profile = loadProfile(argv.profile, settings)
    if (problems.length === 0) return profile
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) throw thrown
    problems.push(...thrown.problems)
  }
  throw new UsageError(problems)
}

/** Flags that may be given several times. */
const LISTS: readonly string[] = ['objective', 'header', 'set', 'over', 'vary', 'sides', 'margin', 'allow']

/** Of any other flag given twice the last one counts, so that a script's defaults can be overridden by appending. */
export function lastOfEach<A extends object>(argv: A): A {
  const entries = Object.entries(argv).map(([flag, value]) =>
    Array.isArray(value) && !LISTS.includes(flag) ? [flag, value.at(-1) as unknown] : [flag, value],
  )
  return Object.fromEntries(entries) as A
}

/** `--concurrency` and `--rate` replace the profile's load as a whole. */
function loadSettings({ concurrency, rate, arrivals, trace }: Given, problems: Problem[]): Setting[] {
  if (concurrency !== undefined && rate !== undefined) {
    problems.push({
      place: '--rate',
      message: 'excludes --concurrency: a load is open or closed; give one of them',
    })
  }
  if (concurrency !== undefined) {
    return [{ path: 'load', value: { kind: 'closed', concurrency }, flag: '--concurrency' }]
  }
  if (rate !== undefined) {
    return [{ path: 'load', value: { kind: arrivals ?? 'poisson', ratePerS: rate }, flag: '--rate' }]
  }
  if (trace !== undefined) return [{ path: 'load', value: { kind: 'trace' }, flag: '--trace' }]
  if (arrivals !== undefined) return [{ path: 'load.kind', value: arrivals, flag: '--arrivals' }]
  return []
}

/** A target displaces the profile's engine, and the other way round. */
function targetSettings({ target, engine }: Given, problems: Problem[]): Setting[] {
  const flag = '--target'
  const settings: Setting[] = []
  if (engine !== undefined) settings.push(...engineSettings(engine))
  else if (target !== undefined) settings.push({ path: 'engine', value: undefined, flag })
  if (target === undefined) return settings
  if (/^\w+:\/\//.test(target)) return [...settings, { path: 'target.url', value: target, flag }]
  try {
    settings.push({ path: 'target', value: readTarget(target, process.cwd(), flag), flag })
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) throw thrown
    problems.push(...thrown.problems)
  }
  return settings
}

const isKind = (engine: string | undefined): boolean =>
  (ENGINE_KINDS as readonly string[]).includes(engine ?? '')

/** A kind of engine, or the description of a simulated one. */
function engineSettings(engine: string): Setting[] {
  const flag = '--engine'
  const [kind, description] = isKind(engine) ? [engine, undefined] : ['simulator', engine]
  const own = { path: 'engine.kind', value: kind, flag }
  // Of a simulator nothing is served but what it describes.
  if (kind === 'simulator' && description === undefined) return [own]
  return [own, { path: 'engine.description', value: description, flag }]
}

function headerSettings({ header = [] }: Given, problems: Problem[]): Setting[] {
  return header.flatMap((text) => {
    const at = text.indexOf(':')
    if (at > 0)
      return [
        {
          path: `target.headers.${text.slice(0, at).trim()}`,
          value: text.slice(at + 1).trim(),
          flag: '--header',
        },
      ]
    problems.push({ place: `--header ${text}`, message: "expected 'name: value'" })
    return []
  })
}
