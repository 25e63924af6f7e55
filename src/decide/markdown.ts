import type { GateFinding, Outcome } from './gate.js'
import type { GateReport } from './judge.js'

export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  pass: 'pass',
  fail: 'FAIL',
  regression: 'REGRESSION',
  inconclusive: 'inconclusive',
  invalid: 'INVALID',
}

/** The answer in one sentence. */
export function headline({ gates, mode, baseline, results }: GateReport): string {
  const counted = (['invalid', 'fail', 'regression', 'inconclusive', 'pass'] as const).flatMap((outcome) => {
    const count = gates.filter((gate) => gate.outcome === outcome).length
    return count === 0 ? [] : [`${count} ${COUNTED[outcome][count === 1 ? 0 : 1]}`]
  })
  const against = baseline === null ? '' : ` against baseline ${baseline.name} (${runsOf(baseline.runs)})`
  return `${gates.length === 1 ? '1 gate' : `${gates.length} gates`}: ${counted.join(', ')}; ${mode}, ${runsOf(results.length)}${against}`
}

const runsOf = (count: number): string => (count === 1 ? '1 result' : `${count} results`)

const COUNTED: Readonly<Record<Outcome, readonly [one: string, more: string]>> = {
  pass: ['passes', 'pass'],
  fail: ['fails', 'fail'],
  regression: ['regression', 'regressions'],
  inconclusive: ['inconclusive', 'inconclusive'],
  invalid: ['invalid', 'invalid'],
}

/** What would end a cell of a table, or be read as markup, is spelt out. */
const cell = (text: string): string =>
  text.replace(/[\\`*_{}[\]<>|~#!]/g, (char) => `\\${char}`).replace(/\s+/g, ' ')

/** For the summary of a step, or a comment on a pull request. */
export function renderMarkdown(report: GateReport): string {
  const row = ({ gate, outcome, text, source }: GateFinding): string =>
    `| ${outcome === 'pass' ? 'pass' : `**${OUTCOME_WORDS[outcome]}**`} | ${cell(gate)}${source === 'profile' ? ' (profile)' : ''} | ${cell(text)} |`
  return `${[
    `### falloff: ${cell(headline(report))}`,
    '',
    '| | gate | found |',
    '|---|---|---|',
    ...report.gates.map(row),
    '',
    ...report.notes.map((note) => `- ${cell(note)}`),
    ...(report.notes.length > 0 ? [''] : []),
    `${cell(report.results.map(({ run, validity }) => `${run}: ${validity.verdict}`).join('; '))}. ${cell(report.tool)}.`,
  ].join('\n')}\n`
}
