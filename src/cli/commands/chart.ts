import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Problem, UsageError } from '../../base/index.js'
import { RUN_FILES } from '../../record/index.js'
import type { Chart } from '../../report/index.js'
import { loadReporting } from '../finish.js'
import type { ChartArguments } from '../options/results.js'
import { lastOfEach } from '../settings.js'

/** Writes charts of a report or a comparison, or the figures behind them, as files of their own. */
export async function chartCommand(given: ChartArguments): Promise<void> {
  // Of other commands `--results` is one folder, and the last one counts.
  const argv = { ...lastOfEach(given), results: given.results }
  const problems = problemsOf(argv)
  if (problems.length > 0) throw new UsageError(problems)
  const charts = await chartsOf(argv.results)
  if (argv.list) {
    process.stdout.write(charts.map(({ id, title }) => `${id}\t${title}\n`).join(''))
    return
  }
  const { chartFiles } = await loadReporting()
  const { chart, format, theme, width = null, out } = argv
  const files = await chartFiles(charts, { chart, format, theme, width })
  mkdirSync(out, { recursive: true })
  for (const { name, content } of files) {
    const path = join(out, name)
    writeFileSync(path, content)
    process.stdout.write(`${path}\n`)
  }
}

/** Of which a page has charts, alone. */
const ALONE = [RUN_FILES.compare, RUN_FILES.tune] as const
const TOGETHER = [RUN_FILES.manifest, RUN_FILES.experiment, RUN_FILES.imported] as const
const [LEAST, MOST] = [240, 8000]

function problemsOf({ results, width }: ChartArguments): readonly Problem[] {
  const holds = (folder: string, files: readonly string[]): boolean =>
    files.some((file) => existsSync(join(folder, file)))
  const problems = results.flatMap((folder): Problem[] => {
    if (holds(folder, results.length === 1 ? [...ALONE, ...TOGETHER] : TOGETHER)) return []
    const message = holds(folder, ALONE)
      ? 'is a comparison or a search and cannot be laid over other results; give its folder alone'
      : `holds no ${[...TOGETHER, ...ALONE].join(', ')}; give a folder under results/`
    return [{ place: folder, message }]
  })
  if (width === undefined || (Number.isInteger(width) && width >= LEAST && width <= MOST)) return problems
  return [
    ...problems,
    { place: `--width ${width}`, message: `expected a whole number of pixels from ${LEAST} to ${MOST}` },
  ]
}

async function chartsOf(results: readonly string[]): Promise<readonly Chart[]> {
  const reporting = await loadReporting()
  const [only = ''] = results
  if (existsSync(join(only, RUN_FILES.tune))) return reporting.tuneCharts(await reporting.loadTuneInput(only))
  if (existsSync(join(only, RUN_FILES.compare))) {
    const { comparisonOf } = await import('../../analyse/index.js')
    return reporting.comparisonCharts(await comparisonOf(only))
  }
  return reporting.reportCharts(await reporting.loadReportInput(results))
}
