import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Problem, UsageError } from '../../base/index.js'
import { RUN_FILES } from '../../record/index.js'
import type { ReportInput } from '../../report/index.js'
import { findingsIn, finishComparison } from '../compare/finish.js'
import { termsFrom } from '../compare/plan.js'
import { comparisonText } from '../compare/text.js'
import { loadReporting, writeReport } from '../finish.js'
import { layoutWidth } from '../layout.js'
import type { ReportArguments } from '../options/results.js'
import { writeTuneReport } from '../tune-report.js'
import { tuneText } from '../tune-text.js'

export async function reportCommand({
  results,
  out,
  format,
  dialect,
  allow,
}: ReportArguments): Promise<void> {
  const problems: Problem[] = results.flatMap((folder) =>
    [...FILES, ...(results.length > 1 ? [RUN_FILES.imported] : [])].some((file) =>
      existsSync(join(folder, file)),
    )
      ? []
      : [{ place: folder, message: `holds no ${FILES.join(' or ')}; give a folder under results/` }],
  )
  const searches = results.filter((folder) => existsSync(join(folder, RUN_FILES.tune)))
  const comparisons = results.filter((folder) => existsSync(join(folder, RUN_FILES.compare)))
  if (results.length > 1)
    problems.push(
      ...searches.map((place) => alone(place, 'a search for settings')),
      ...comparisons.map((place) => alone(place, 'a comparison')),
    )
  const { allowed } = termsFrom({ gated: undefined, margin: undefined, allow }, [], problems)
  if (problems.length > 0) throw new UsageError(problems)
  if (comparisons[0] !== undefined) return reportOnComparison(comparisons[0], allowed, { out, format })
  if (searches[0] !== undefined) return reportOnSearch(searches[0], { out, format })
  if (dialect !== undefined) return (await import('../dialect.js')).printDialect(results, dialect, format)
  const { loadReportInput, renderText } = await loadReporting()
  const input = await loadReportInput(results, allowed)
  const path = await writeReport(input, out)
  const findings = input.results.map((r) => r.findings)
  if (format === 'json')
    process.stdout.write(`${JSON.stringify(findings.length === 1 ? findings[0] : findings, null, 2)}\n`)
  else process.stdout.write(`${[...findings.map(renderText), ...comparedText(input)].join('\n\n')}\n`)
  process.stderr.write(`\nreport   ${path}\n`)
}

const comparedText = ({ comparison }: ReportInput): readonly string[] =>
  comparison === undefined ? [] : [comparisonText(comparison, layoutWidth(process.stdout))]

const FILES = [RUN_FILES.manifest, RUN_FILES.experiment, RUN_FILES.tune, RUN_FILES.compare]

const alone = (place: string, what: string): Problem => ({
  place,
  message: `is ${what} and cannot be laid over other results; give its folder alone`,
})

async function reportOnComparison(
  folder: string,
  allowed: readonly string[],
  output: Pick<ReportArguments, 'out' | 'format'>,
): Promise<void> {
  await finishComparison(await findingsIn(folder, allowed), output)
}

async function reportOnSearch(
  folder: string,
  { out, format }: Pick<ReportArguments, 'out' | 'format'>,
): Promise<void> {
  const { path, tune } = await writeTuneReport(folder, out)
  process.stdout.write(
    format === 'json'
      ? `${JSON.stringify(tune, null, 2)}\n`
      : `${tuneText(tune, layoutWidth(process.stdout))}\n`,
  )
  process.stderr.write(`\nreport   ${path}\n`)
}
