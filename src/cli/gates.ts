import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { EXIT, type ExitCode, type Problem, UsageError, usageError } from '../base/index.js'
import type { Baseline, Gate, GateReport, Results } from '../decide/index.js'
import { termsFrom } from './compare/plan.js'
import type { GateFlags } from './options/gates.js'
import { version } from './version.js'

/** Gates as the flags ask for them; what is wrong with them is found before anything is measured. */
export interface Gates {
  readonly gates: readonly Gate[]
  readonly baseline: Baseline | null
  /** Codes of checks that need not hold. */
  readonly allowed: readonly string[]
}

/** Flags that say what is written. */
type Written = Pick<GateFlags, 'junit' | 'markdown' | 'json' | 'annotations'>

const loadDeciding = () => import('../decide/index.js')

/** @throws UsageError with every problem of the flags */
export async function gatesFrom(flags: Pick<GateFlags, 'gate' | 'baseline' | 'allow'>): Promise<Gates> {
  const { parseGate } = await loadDeciding()
  const problems: Problem[] = []
  const gates: Gate[] = []
  for (const text of flags.gate) {
    const parsed = parseGate(text)
    if (typeof parsed === 'string') problems.push({ place: '--gate', message: parsed })
    else gates.push(parsed)
  }
  const { allowed } = termsFrom({ gated: undefined, margin: undefined, allow: flags.allow }, [], problems)
  const baseline = await baselineFrom(flags.baseline, gates, problems)
  if (problems.length > 0) throw new UsageError(problems)
  return { gates, baseline, allowed }
}

/** Adds to `problems` where gates and baseline do not belong together, or there is no such baseline. */
async function baselineFrom(
  name: string | undefined,
  gates: readonly Gate[],
  problems: Problem[],
): Promise<Baseline | null> {
  const relative = gates.find(({ kind }) => kind === 'regression')
  const complain = (message: string): void => void problems.push({ place: '--baseline', message })
  if (name === undefined) {
    if (relative) complain(`"${relative.text}" needs a baseline; give its name or its file`)
    return null
  }
  if (relative === undefined && problems.length === 0) {
    complain(
      "nothing is held against it; add --gate 'ttft.p99 regression < 10%', or use falloff baseline compare",
    )
  }
  const { BASELINE_FOLDER, readBaseline } = await loadDeciding()
  try {
    return readBaseline(name, BASELINE_FOLDER, '--baseline')
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) throw thrown
    problems.push(...thrown.problems)
    return null
  }
}

/** Judges results that have been read, prints and writes what came of it. The objectives of their profiles are gates too. */
export async function judgeResults(
  { runs, objectives }: Results,
  { gates, baseline, allowed }: Gates,
  flags: GateFlags,
  print: NodeJS.WriteStream = process.stdout,
): Promise<ExitCode> {
  const deciding = await loadDeciding()
  const all = [...gates, ...objectives]
  if (all.length === 0) {
    throw usageError(
      '--gate',
      "nothing to judge: the profile has no objectives; give one, such as 'ttft.p99 < 500ms'",
    )
  }
  const { mode, inconclusive } = flags
  const report = deciding.judgeGates({
    gates: all,
    runs,
    baseline,
    mode,
    inconclusive,
    allowed,
    tool: `falloff ${version()}`,
  })
  print.write(deciding.renderGates(report))
  await writeAll(report, flags, print)
  return report.exitCode
}

async function writeAll(report: GateReport, flags: Written, print: NodeJS.WriteStream): Promise<void> {
  const { renderAnnotations, renderJunit, renderMarkdown } = await loadDeciding()
  const { GITHUB_ACTIONS, GITHUB_STEP_SUMMARY } = process.env
  if (flags.junit !== undefined) write(flags.junit, renderJunit(report))
  if (flags.markdown !== undefined) write(flags.markdown, renderMarkdown(report))
  if (flags.json !== undefined) write(flags.json, `${JSON.stringify(report)}\n`)
  if (GITHUB_STEP_SUMMARY) appendFileSync(GITHUB_STEP_SUMMARY, `${renderMarkdown(report)}\n`)
  if (flags.annotations || GITHUB_ACTIONS === 'true') print.write(renderAnnotations(report))
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/** Appends results to a history, where one is named. */
export async function keep(
  results: Results,
  { history, label }: Pick<GateFlags, 'history' | 'label'>,
): Promise<void> {
  if (history === undefined) return
  const { addToHistory } = await loadDeciding()
  const added = addToHistory(history, results.runs, label ?? labelOfCi())
  process.stderr.write(`history  ${history} (${added} added)\n`)
}

/** The commit that a CI tests, its first twelve digits. */
const labelOfCi = (): string | null =>
  (process.env.GITHUB_SHA ?? process.env.CI_COMMIT_SHA)?.slice(0, 12) ?? null

/** The end of `run` and `sweep`: keeps the result, and judges it where gates were given. An interrupted one decides nothing. */
export async function concludeWith(
  gates: Gates,
  { folder, code, flags }: { folder: string; code: ExitCode; flags: GateFlags & { format: 'text' | 'json' } },
): Promise<ExitCode> {
  if (code === EXIT.interrupted || (gates.gates.length === 0 && flags.history === undefined)) return code
  const { readResults } = await loadDeciding()
  const results = await readResults([folder])
  await keep(results, flags)
  if (gates.gates.length === 0) return code
  // With JSON, stdout holds the summary and nothing else.
  const print = flags.format === 'json' ? process.stderr : process.stdout
  print.write('\n')
  return judgeResults(results, gates, flags, print)
}
