import type { GateFinding } from './gate.js'
import type { GateReport } from './judge.js'

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  // Kept as they are, an XML reader would make spaces of them in an attribute.
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
}

/** XML 1.0 has no place for other control characters, lone surrogates and the two non-characters, escaped or not. */
const IMPOSSIBLE = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu

const attribute = (text: string): string =>
  text.replace(IMPOSSIBLE, '\uFFFD').replace(/[&<>"'\t\n\r]/g, (char) => ENTITIES[char] ?? char)

/**
 * One test case for each gate, by the schema that Jenkins, GitLab and GitHub's readers share: a missed limit and a regression
 * are failures, what is invalid is an error, what is inconclusive is skipped unless it is to fail.
 */
export function renderJunit(report: GateReport): string {
  const states = report.gates.map((gate) => stateOf(gate, report))
  const count = (state: State): number => states.filter((s) => s === state).length
  const counts = `tests="${states.length}" failures="${count('failure')}" errors="${count('error')}"`
  const timestamp = report.results[0]?.startedAtUtc.replace(/(\.\d+)?Z$/, '') ?? ''
  return `${[
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="falloff" ${counts} time="0">`,
    `  <testsuite name="falloff gates" ${counts} skipped="${count('skipped')}" time="0" timestamp="${attribute(timestamp)}">`,
    ...report.gates.map((gate, i) => testCase(gate, states[i] ?? 'passed')),
    '  </testsuite>',
    '</testsuites>',
  ].join('\n')}\n`
}

type State = 'passed' | 'failure' | 'error' | 'skipped'

function stateOf({ outcome }: GateFinding, { inconclusive }: GateReport): State {
  if (outcome === 'pass') return 'passed'
  if (outcome === 'invalid') return 'error'
  return outcome === 'inconclusive' && inconclusive === 'pass' ? 'skipped' : 'failure'
}

function testCase({ gate, text, outcome, source }: GateFinding, state: State): string {
  const head = `    <testcase classname="falloff.${source === 'profile' ? 'objective' : 'gate'}" name="${attribute(gate)}" time="0"`
  if (state === 'passed') return `${head}><system-out>${attribute(text)}</system-out></testcase>`
  const type = state === 'skipped' ? '' : ` type="${outcome}"`
  return `${head}><${state} message="${attribute(text)}"${type}/></testcase>`
}
