export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** Samples by metric name, as exposed: `_total`, `_sum`, `_count` and `_bucket` are names of their own. */
export type Exposition = ReadonlyMap<string, readonly Sample[]>

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?\s+(\S+)/
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', '\\': '\\', '"': '"' }

/** Reads the Prometheus text format. Lines that are no samples are passed over; buckets too, nothing here needs them. */
export function parseExposition(text: string): Exposition {
  const families = new Map<string, Sample[]>()
  for (const line of text.split('\n')) {
    if (line === '' || line[0] === '#') continue
    const match = LINE.exec(line)
    const name = match?.[1]
    if (!match || name === undefined || name.endsWith('_bucket')) continue
    const value = numberOf(match[3] ?? '')
    if (Number.isNaN(value)) continue
    const samples = families.get(name)
    const sample = { labels: labelsOf(match[2] ?? ''), value }
    if (samples) samples.push(sample)
    else families.set(name, [sample])
  }
  return families
}

function labelsOf(text: string): Record<string, string> {
  const labels: Record<string, string> = {}
  for (const [, name = '', value = ''] of text.matchAll(LABEL)) {
    labels[name] = value.replace(/\\(.)/g, (_, c: string) => ESCAPES[c] ?? c)
  }
  return labels
}

function numberOf(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY
  if (text === '-Inf') return Number.NEGATIVE_INFINITY
  return Number(text)
}
