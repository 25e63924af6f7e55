import { type ComparisonFindings, compareSides, MEASURED_APART } from '../analyse/index.js'
import { EXIT, type ExitCode } from '../base/index.js'
import type { RunFigures } from '../record/index.js'
import type { Gate, GateFinding, Mode, Outcome } from './gate.js'
import { judgeLimit } from './judge-limit.js'
import { judgeRegression } from './judge-regression.js'
import { weightOf } from './places.js'

export interface GateInput {
  readonly gates: readonly Gate[]
  /** Repeats of one load; one is enough. */
  readonly runs: readonly RunFigures[]
  readonly baseline: { readonly name: string; readonly runs: readonly RunFigures[] } | null
  readonly mode: Mode
  /** What an inconclusive gate does to the exit code. */
  readonly inconclusive: 'pass' | 'fail'
  /** Codes of checks of a comparison that need not hold. */
  readonly allowed: readonly string[]
  readonly tool: string
}

/** What the gates came to: the JSON file as it is. */
export interface GateReport {
  readonly format: 1
  readonly kind: 'gates'
  readonly tool: string
  /** The most serious. */
  readonly outcome: Outcome
  readonly exitCode: ExitCode
  readonly mode: Mode
  readonly inconclusive: 'pass' | 'fail'
  readonly results: readonly Pick<RunFigures, 'run' | 'name' | 'startedAtUtc' | 'validity'>[]
  readonly baseline: { readonly name: string; readonly runs: number } | null
  /** What holds for all of it. */
  readonly notes: readonly string[]
  readonly gates: readonly GateFinding[]
}

const EXIT_OF: Readonly<Record<Outcome, ExitCode>> = {
  pass: EXIT.done,
  fail: EXIT.objectiveFailed,
  regression: EXIT.regression,
  inconclusive: EXIT.inconclusive,
  invalid: EXIT.invalid,
}

/** Judges every gate. Those that ask about a regression need a baseline: the caller has seen to it. */
export function judgeGates(input: GateInput): GateReport {
  const { gates, runs, baseline, mode, inconclusive, tool } = input
  const comparison = baseline && against(baseline, input)
  const findings = gates
    .flatMap((gate): GateFinding[] => {
      if (gate.kind === 'limit') return [judgeLimit(gate, runs, mode)]
      return comparison === null ? [] : [judgeRegression(gate, comparison, mode)]
    })
    .map((finding) => invalidated(finding, runs))
  const outcome = mostSerious(findings)
  return {
    format: 1,
    kind: 'gates',
    tool,
    outcome,
    exitCode: outcome === 'inconclusive' && inconclusive === 'pass' ? EXIT.done : EXIT_OF[outcome],
    mode,
    inconclusive,
    results: runs.map(({ run, name, startedAtUtc, validity }) => ({ run, name, startedAtUtc, validity })),
    baseline: baseline && { name: baseline.name, runs: baseline.runs.length },
    notes: [...notesOn(runs), ...(comparison?.checks ?? []).filter(isLabel).map(({ text }) => text)],
    gates: findings,
  }
}

const mostSerious = (findings: readonly GateFinding[]): Outcome =>
  findings.map(({ outcome }) => outcome).toSorted((a, b) => weightOf(b) - weightOf(a))[0] ?? 'pass'

/** The gates' own limits are the margins by which the comparison calls a figure worse. */
function against(baseline: Side, { gates, runs, allowed, tool }: GateInput): ComparisonFindings {
  const asked = gates.filter((gate) => gate.kind === 'regression')
  const margins: Record<string, number> = {}
  for (const { key, limit } of asked) margins[key] = Math.min(limit, margins[key] ?? limit)
  const gated = [...new Set(asked.map(({ key }) => key))]
  return compareApart(baseline, runs, { gated, margins, allowed, tool })
}

type Side = NonNullable<GateInput['baseline']>

/** A comparison of sides that were not measured in turn. */
export const compareApart = (
  { name, runs }: Side,
  now: readonly RunFigures[],
  options: Pick<Parameters<typeof compareSides>[0], 'gated' | 'margins' | 'allowed' | 'tool'>,
): ComparisonFindings =>
  compareSides({
    ...options,
    name: `${nameOf(now, name)} against ${name}`,
    sides: [
      { name, runs },
      { name: nameOf(now, name), runs: now },
    ],
    design: MEASURED_APART,
    differences: [],
  })

/** What the results are called themselves, where that tells them from the baseline. */
function nameOf(runs: readonly RunFigures[], baseline: string): string {
  const [name, ...others] = new Set(runs.map((run) => run.name))
  return name === undefined || others.length > 0 || name === baseline ? 'now' : name
}

const isLabel = ({ severity, allowed }: ComparisonFindings['checks'][number]): boolean =>
  severity === 'label' || allowed

/** A run that does not say what it seems to say decides nothing. */
function invalidated(finding: GateFinding, runs: readonly RunFigures[]): GateFinding {
  const bad = runs.filter(({ validity }) => validity.verdict === 'INVALID')
  if (bad.length === 0) return finding
  const named = bad.map(({ run, validity }) => `${run} is INVALID (${validity.codes.join(', ')})`)
  return { ...finding, outcome: 'invalid', text: `${named.join('; ')}. ${finding.text}` }
}

function notesOn(runs: readonly RunFigures[]): readonly string[] {
  const notes: string[] = []
  const caveats = [
    ...new Set(
      runs.flatMap(({ validity }) => (validity.verdict === 'VALID WITH CAVEATS' ? validity.codes : [])),
    ),
  ]
  if (caveats.length > 0) notes.push(`Valid with caveats: ${caveats.join(', ')}.`)
  const names = [...new Set(runs.map(({ name, target }) => `${name} on ${target.model}`))]
  if (names.length > 1)
    notes.push(`The results are taken for repeats of one load, but are of ${names.join(' and ')}.`)
  return notes
}
