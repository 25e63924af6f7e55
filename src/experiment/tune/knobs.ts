import { createHash } from 'node:crypto'
import { camelCase, kebabCase, type Problem, UsageError } from '../../base/index.js'
import type { TuneKnob, TuneValue } from '../../record/index.js'
import type { Given } from './bench.js'

/** What `--vary` asks for. */
export interface Variation {
  /** `maxNumSeqs` */
  readonly name: string
  /** `--max-num-seqs` */
  readonly flag: string
  readonly values: readonly TuneValue[]
}

const EXAMPLE = 'such as max-num-seqs=16..256 or max-num-batched-tokens=512,2048,8192'
/** More values than this of one knob are a slip of the pen. */
const MOST_VALUES = 32

/** `max-num-seqs=16..256`, `maxNumSeqs=16,64`, `kv-cache-dtype=auto,fp8`. @throws UsageError with every problem */
export function parseVariations(texts: readonly string[]): readonly Variation[] {
  const problems: Problem[] = []
  const variations: Variation[] = []
  for (const text of texts) {
    const parsed = parseVariation(text)
    if ('message' in parsed) problems.push(parsed)
    else if (variations.some((v) => v.name === parsed.name))
      problems.push({
        place: `--vary ${text}`,
        message: `${parsed.name} is varied twice; give all its values once`,
      })
    else variations.push(parsed)
  }
  if (texts.length === 0)
    problems.push({ place: '--vary', message: `expected a setting and its values, ${EXAMPLE}` })
  if (problems.length > 0) throw new UsageError(problems)
  return variations
}

function parseVariation(text: string): Variation | Problem {
  const place = `--vary ${text}`
  const at = text.indexOf('=')
  const written = text
    .slice(0, Math.max(0, at))
    .trim()
    .replace(/^--/, '')
    .replace(/^engine\./, '')
  const list = text.slice(at + 1).trim()
  if (at < 0 || !/^[A-Za-z][\w-]*$/.test(written) || list === '')
    return { place, message: `expected SETTING=VALUES, ${EXAMPLE}` }
  const values = valuesOf(list)
  if (typeof values === 'string') return { place, message: values }
  const name = camelCase(written)
  return { name, flag: `--${kebabCase(name)}`, values }
}

function valuesOf(list: string): readonly TuneValue[] | string {
  const range = /^(\d+(?:\.\d+)?)\.\.(\d+(?:\.\d+)?)$/.exec(list)
  const values = range ? doublings(Number(range[1]), Number(range[2])) : list.split(',').map(parsedValue)
  if (values.length === 0 || values.some((v) => v === ''))
    return `expected values separated by commas, or FROM..TO with FROM above 0 and no larger than TO; got "${list}"`
  if (values.length > MOST_VALUES) return `expected at most ${MOST_VALUES} values; got ${values.length}`
  return [...new Set(values)].sort(byValue)
}

/** From, twice from, … and to. */
function doublings(from: number, to: number): number[] {
  const values: number[] = []
  if (from <= 0) return values
  for (let value = from; value < to * 0.999; value *= 2) values.push(value)
  return from <= to ? [...values, to] : []
}

function parsedValue(text: string): TuneValue {
  const word = text.trim()
  if (word === 'true' || word === 'false') return word === 'true'
  return word !== '' && Number.isFinite(Number(word)) ? Number(word) : word
}

const byValue = (a: TuneValue, b: TuneValue): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : 0

/** The knobs of a search, once it is known what the engine does without being told: its own value is tried too. */
export const knobsOf = (
  variations: readonly Variation[],
  defaults: Readonly<Record<string, TuneValue | undefined>>,
): readonly TuneKnob[] =>
  variations.map(({ name, flag, values }) => {
    const own = defaults[name] ?? null
    const all = own === null || values.includes(own) ? values : [...values, own].sort(byValue)
    return { name, flag, values: all, default: own }
  })

/** Every combination of the knobs' values. */
export const gridOf = (knobs: readonly TuneKnob[]): readonly Given[] =>
  knobs.reduce<readonly Given[]>(
    (sets, { name, values }) => sets.flatMap((set) => values.map((value) => ({ ...set, [name]: value }))),
    [{}],
  )

/** Settings that differ from one by one step of the given knobs, in one of them or in several. */
export function neighboursOf(values: Given, knobs: readonly TuneKnob[]): readonly Given[] {
  const near = knobs.reduce<readonly Given[]>(
    (sets, knob) =>
      sets.flatMap((set) => stepsOf(knob, values[knob.name]).map((v) => ({ ...set, [knob.name]: v }))),
    [values],
  )
  const distance = (set: Given): number => knobs.filter((k) => set[k.name] !== values[k.name]).length
  return [...near].filter((set) => distance(set) > 0).sort((a, b) => distance(a) - distance(b))
}

function stepsOf({ values }: TuneKnob, now: TuneValue | undefined): readonly TuneValue[] {
  const at = now === undefined ? -1 : values.indexOf(now)
  if (at < 0) return values
  return [at, at - 1, at + 1].flatMap((i) => values[i] ?? [])
}

/** The knob's values one by one, all others as in `values`; nearest in the list first. */
export function alongKnob(values: Given, knob: TuneKnob): readonly Given[] {
  const now = values[knob.name]
  const at = now === undefined ? -1 : knob.values.indexOf(now)
  const away = (v: TuneValue): number => Math.abs(knob.values.indexOf(v) - at)
  return knob.values
    .filter((v) => v !== values[knob.name])
    .sort((a, b) => away(a) - away(b))
    .map((v) => ({ ...values, [knob.name]: v }))
}

/** `max-num-seqs 64, block-size 16` */
export const labelOf = (values: Given): string =>
  Object.entries(values)
    .map(([name, value]) => `${kebabCase(name)} ${value}`)
    .join(', ') || 'default'

/** Equal for equal settings, in whatever order they are named. */
export const settingHash = (parts: unknown): string =>
  createHash('sha256').update(JSON.stringify(parts, sorted)).digest('hex').slice(0, 16)

const sorted = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value
