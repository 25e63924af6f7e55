import type { HistogramTotal } from '../record/index.js'
import type { Exposition, Sample } from './prometheus.js'

/** Names that one signal has had over the versions, newest first. The first that is exposed counts. */
export type Names = readonly string[]

export const samplesOf = (exposition: Exposition, names: Names): readonly Sample[] | undefined => {
  for (const name of names) {
    const samples = exposition.get(name)
    if (samples) return samples
  }
  return undefined
}

export const sum = (samples: readonly Sample[] | undefined): number | undefined =>
  samples === undefined || samples.length === 0
    ? undefined
    : samples.reduce((acc, sample) => acc + sample.value, 0)

/** Of the samples that carry the label with this value; undefined without any. */
export const sumWhere = (exposition: Exposition, name: string, label: string, value: string) =>
  sum(exposition.get(name)?.filter((sample) => sample.labels[label] === value))

export const total = (exposition: Exposition, names: Names) => sum(samplesOf(exposition, names))

/** The largest sample: of several caches the fullest is the one that runs out. */
export const fullest = (exposition: Exposition, names: Names): number | undefined => {
  const samples = samplesOf(exposition, names)
  return samples && Math.max(...samples.map((s) => s.value))
}

/** Client libraries differ on whether a counter's name ends in `_total`. */
export const counter = (exposition: Exposition, names: Names) =>
  total(
    exposition,
    names.flatMap((name) => [`${name}_total`, name]),
  )

/** `unitS`: seconds in the unit that is exposed. */
export function histogram(exposition: Exposition, names: Names, unitS = 1): HistogramTotal | undefined {
  for (const name of names) {
    const totalSum = sum(exposition.get(`${name}_sum`))
    const count = sum(exposition.get(`${name}_count`))
    if (totalSum !== undefined && count !== undefined) return { sum: totalSum * unitS, count }
  }
  return undefined
}

export const mapValues = <K extends string, V, R>(
  object: Readonly<Record<K, V>>,
  map: (value: V) => R,
): Record<K, R> =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value as V)])) as Record<K, R>

export type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** Without what is undefined: what is not told is absent, not zero. */
export const present = <T extends object>(fields: T): Present<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>
