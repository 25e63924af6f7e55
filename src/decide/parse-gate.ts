import { FIGURES, type FigureDeclaration, figureOf } from '../analyse/index.js'
import { nearest } from '../base/index.js'
import { WRITTEN_UNITS } from '../profile/index.js'
import type { Gate } from './gate.js'

/** As in objectives, and what those do not have. Of shares 1 is the whole. */
const UNITS: typeof WRITTEN_UNITS = {
  ...WRITTEN_UNITS,
  'chars/s': ['characters/s', 1],
  'characters/s': ['characters/s', 1],
  '%': ['%', 0.01],
}

const EXAMPLE = '"ttft.p99 < 500 ms", "errorRate <= 1 %" or "outputTokensPerS regression < 5 %"'

//              metric         .statistic                at POINT            regression       <=            limit           unit
const SHAPE =
  /^\s*([A-Za-z]\w*)(?:[.\s]\s*([A-Za-z][\w.]*))??(?:\s+at\s+(\S.*?))?(?:\s+(regression))?\s*(<=|>=|<|>)\s*(\d+(?:\.\d+)?)\s*([A-Za-zµ%/]+)?\s*$/

/**
 * Reads `ttft.p99 < 500ms`, `ttft p99 at concurrency=8 <= 0.5 s` or `outputTokensPerS regression < 5 %`; what a profile takes
 * for an objective is a gate as well. Returns the gate, or a message that says what is wrong and the way out.
 */
export function parseGate(text: string, source: Gate['source'] = 'flag'): Gate | string {
  const match = SHAPE.exec(text)
  if (match === null) return `expected FIGURE < LIMIT UNIT, such as ${EXAMPLE}; got "${text}"`
  const [, name = '', statistic, at, regression, comparison = '', number = '', unit] = match
  const key = keyOf(name, statistic)
  const figure = figureOf(key)
  if (figure === undefined) return unknown(name, statistic)
  const gate = {
    text: text.trim().replace(/\s+/g, ' '),
    source,
    key,
    at: at ?? null,
    comparison: comparison as Gate['comparison'],
  }
  if (regression !== undefined) return regressionOf(gate, figure, Number(number), unit)
  const factor = factorFor(figure, unit)
  if (typeof factor === 'string') return factor
  return { ...gate, kind: 'limit', limit: scaled(Number(number), factor) }
}

const keyOf = (name: string, statistic: string | undefined): string =>
  statistic === undefined ? name : `${name}.${statistic}`

/** 0.01 × 7 is a hair above 0.07 in binary. */
const scaled = (value: number, factor: number): number => Number((value * factor).toPrecision(12))

function regressionOf(
  gate: Omit<Extract<Gate, { kind: 'regression' }>, 'kind' | 'limit'>,
  figure: FigureDeclaration,
  number: number,
  unit: string | undefined,
): Gate | string {
  const { key, comparison } = gate
  if (figure.better === 'neither')
    return `${key} is neither better nor worse when it changes; give it a limit`
  if (unit !== '%') {
    return `a regression is a share of the baseline's value, in %; got ${unit === undefined ? 'no unit' : `the unit "${unit}"`}`
  }
  if (comparison.startsWith('>')) return `expected "${key} regression < LIMIT %"; got "${comparison}"`
  return { ...gate, kind: 'regression', limit: scaled(number, 0.01) }
}

/** A share without a unit is in %, as in a profile. */
function factorFor(figure: FigureDeclaration, written: string | undefined): number | string {
  const own = unitOf(figure)
  if (written === undefined) return own === '%' ? 0.01 : 1
  const [unit, factor] = UNITS[written] ?? ['', 1]
  if (unit === own) return factor
  const measured = own === '' ? 'has no unit' : `is measured in ${own}`
  return `${figure.key} ${measured}; got the unit "${written}"`
}

/** Shares are written in %, what is counted at a load of a sweep without any. */
function unitOf({ scale, unit }: FigureDeclaration): string {
  if (scale === 'difference') return '%'
  return Object.values(UNITS).some(([known]) => known === unit) ? unit : ''
}

function unknown(name: string, statistic: string | undefined): string {
  const statistics = FIGURES.flatMap(({ key }) =>
    key.startsWith(`${name}.`) ? [key.slice(name.length + 1)] : [],
  )
  if (statistics.length > 0) {
    const got = statistic === undefined ? 'none' : `"${statistic}"`
    return `${name} needs one of the statistics ${statistics.join(', ')}; got ${got}${guess(statistic ?? '', statistics)}`
  }
  if (figureOf(name) !== undefined) {
    return `${name} is one figure for the whole run and takes no statistic; got "${statistic}"`
  }
  const names = [...new Set(FIGURES.map(({ key }) => key.split('.')[0] ?? key))]
  return `unknown figure "${name}"${guess(name, names) || `; known: ${names.join(', ')}`}`
}

function guess(word: string, known: readonly string[]): string {
  const near = word === '' ? undefined : nearest(word, known)
  return near === undefined ? '' : `; did you mean "${near}"?`
}
