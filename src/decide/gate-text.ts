import type { GateReport } from './judge.js'
import { headline, OUTCOME_WORDS } from './markdown.js'

/** For a terminal. Ends with a line feed. */
export function renderGates(report: GateReport): string {
  const width = Math.max(...Object.values(OUTCOME_WORDS).map((word) => word.length))
  const lines = report.gates.flatMap(({ gate, outcome, text, source }) => [
    `${OUTCOME_WORDS[outcome].padEnd(width)}  ${gate}${source === 'profile' ? ' (objective of the profile)' : ''}`,
    `${' '.repeat(width)}  ${text}`,
  ])
  const all = [headline(report), '', ...lines, ...report.notes.map((note) => `note  ${note}`)]
  return `${all.map(plain).join('\n')}\n`
}

/** A model's name comes from its server: nothing in it may move the cursor or turn the text around. */
const plain = (line: string): string => line.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD')
