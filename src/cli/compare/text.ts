import type { ComparisonFindings, MetricComparison, PairFindings } from '../../analyse/index.js'
import { indented, wrap } from '../layout.js'
import { gatedTable } from './gated.js'
import { exploratoryLines, shareLines, shiftLines } from './hints.js'
import { accessText, designText, gatedOf, nameOf, sideText } from './words.js'

/** The answer of a comparison: which is better in words, the figures that were to decide it, and what stands in the way. */
export function comparisonText(findings: ComparisonFindings, width: number): string {
  const { pairs } = findings
  const several = pairs.length > 1
  const parts = [
    ...pairs.map((pair) => answerLines(pair, width)),
    sidesLines(findings, width),
    ...pairs.flatMap((pair) => [
      several ? [`${pair.b} against ${pair.a}`] : [],
      ...pairParts(findings, pair, width),
    ]),
    checkLines(findings, width),
    differenceLines(findings, width),
  ]
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

/** The answer, and why it is so, as far as the engines tell. */
const answerLines = ({ text, reasons = [] }: PairFindings, width: number): readonly string[] =>
  [text, ...reasons].flatMap((sentence) => wrap(sentence, width))

function sidesLines(findings: ComparisonFindings, width: number): readonly string[] {
  const { sides } = findings
  const column = Math.max(...sides.map(({ name }) => name.length)) + 2
  return [
    ...sides.flatMap((side) => {
      const [first = '', ...rest] = wrap(sideText(side), width - column)
      const access = accessText(side)
      const below = [...rest, ...(access === '' ? [] : wrap(access, width - column))]
      return [`${side.name.padEnd(column)}${first}`, ...below.map((line) => `${' '.repeat(column)}${line}`)]
    }),
    ...wrap(designText(findings), width),
  ]
}

function pairParts(
  findings: ComparisonFindings,
  pair: PairFindings,
  width: number,
): readonly (readonly string[])[] {
  const gated = gatedOf(pair)
  return [
    gated.length === 0 ? [] : [gatedTable(findings, pair, gated, width)],
    pair.answer === 'not-comparable' ? [] : openLines(gated, width),
    shareLines(pair, width),
    shiftLines(pair),
    exploratoryLines(pair),
  ]
}

/** Of many loads many figures are open: the table has them all. */
const MOST_OPEN = 6

/** What is open, and how much more would settle it. */
function openLines(gated: readonly MetricComparison[], width: number): readonly string[] {
  const open = gated.filter((m) => m.verdict === 'not-shown')
  if (open.length === 0) return []
  const rest = open.length - MOST_OPEN
  return [
    'Not shown',
    ...open.slice(0, MOST_OPEN).flatMap((m) => indented(`${nameOf(m)}: ${m.text}`, width)),
    ...(rest > 0 ? [`  and ${rest} more`] : []),
  ]
}

function checkLines({ checks }: ComparisonFindings, width: number): readonly string[] {
  if (checks.length === 0) return []
  return [
    'Checks',
    ...checks.flatMap(({ code, severity, allowed, text, advice }) => {
      const mark = severity === 'refuse' ? '✗' : '·'
      return indented(
        `${mark} ${code}${allowed ? ' (allowed)' : ''}: ${text} ${allowed ? '' : advice}`,
        width,
      )
    }),
  ]
}

const MOST_DIFFERENCES = 8
/** A command line is longer; the page has the whole of it. */
const LONGEST_VALUE = 48

function differenceLines({ differences }: ComparisonFindings, width: number): readonly string[] {
  if (differences.length === 0) return []
  const shown = differences.slice(0, MOST_DIFFERENCES)
  const rest = differences.length - shown.length
  return [
    'What differs',
    ...shown.flatMap(({ key, values }) => indented(`${key}: ${shortened(values).join(' | ')}`, width)),
    ...(rest === 0 ? [] : [`  and ${rest} more`]),
  ]
}

/** Long values from the word on before that at which they part: a flag stands before what it is given. */
function shortened(values: readonly string[]): readonly string[] {
  if (values.every((value) => value.length <= LONGEST_VALUE)) return values
  const [first = '', ...others] = values
  let same = 0
  while (same < first.length && others.every((value) => value[same] === first[same])) same++
  const from = first.lastIndexOf(' ', first.lastIndexOf(' ', same - 1) - 1) + 1
  return values.map((value) => {
    const rest = `${from > 0 ? '… ' : ''}${value.slice(from)}`
    return rest.length > LONGEST_VALUE ? `${rest.slice(0, LONGEST_VALUE)}…` : rest
  })
}
