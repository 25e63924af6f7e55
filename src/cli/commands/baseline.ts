import { type ExitCode, type Problem, UsageError } from '../../base/index.js'
import { baselineList } from '../baseline-text.js'
import { compareExit, finishComparison } from '../compare/finish.js'
import { standardGated, termsFrom } from '../compare/plan.js'
import type { BaselineArguments } from '../options/gates.js'
import { version } from '../version.js'

const loadDeciding = () => import('../../decide/index.js')

export async function baselineCommand(argv: BaselineArguments): Promise<void> {
  const { action, names, dir } = argv
  const [name, ...results] = names
  if (action === 'list') {
    const { listBaselines } = await loadDeciding()
    process.stdout.write(baselineList(listBaselines(dir), dir))
    return
  }
  const problems: Problem[] = []
  if (name === undefined)
    problems.push({ place: 'NAME', message: 'give the name of the baseline, such as main' })
  if (results.length === 0) problems.push({ place: 'RESULTS', message: `give the results to ${action}` })
  if (name === undefined || problems.length > 0) throw new UsageError(problems)
  if (action === 'save') return save(name, results, dir)
  process.exitCode = await compare(name, results, argv)
}

/** What is INVALID is no state to hold others against. */
async function save(name: string, results: readonly string[], dir: string): Promise<void> {
  const { readResults, saveBaseline } = await loadDeciding()
  const { runs } = await readResults(results)
  const invalid = runs.filter(({ validity }) => validity.verdict === 'INVALID')
  if (invalid.length > 0) {
    throw new UsageError(
      invalid.map(({ run, validity }) => ({
        place: run,
        message: `is INVALID (${validity.codes.join(', ')}) and cannot be a baseline; falloff report tells why`,
      })),
    )
  }
  const savedAtUtc = new Date().toISOString()
  const tool = `falloff ${version()}`
  const path = saveBaseline({ format: 1, kind: 'baseline', name, savedAtUtc, tool, runs }, dir)
  process.stdout.write(`${path}\n`)
}

/** A comparison like any other, but for the time between its sides; that is said beside every verdict. */
async function compare(name: string, results: readonly string[], argv: BaselineArguments): Promise<ExitCode> {
  const { compareApart, readBaseline, readResults } = await loadDeciding()
  const problems: Problem[] = []
  const base = readBaseline(name, argv.dir, 'NAME')
  const sweeps = base.runs.some(({ unit }) => unit === 'sweep')
  const terms = termsFrom(argv, standardGated(null, sweeps), problems)
  if (problems.length > 0) throw new UsageError(problems)
  const { runs } = await readResults(results)
  const findings = compareApart(base, runs, { ...terms, tool: `falloff ${version()}` })
  await finishComparison(findings, argv)
  return compareExit(findings, argv.inconclusive, false)
}
