import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../../base/index.js'
import { RUN_FILES } from '../../record/index.js'
import { loadReporting, writeReport } from '../finish.js'
import type { ReportArguments } from '../options.js'

export async function reportCommand({ results, out, format }: ReportArguments): Promise<void> {
  const problems = results.flatMap((folder) =>
    [RUN_FILES.manifest, RUN_FILES.experiment].some((file) => existsSync(join(folder, file)))
      ? []
      : [
          {
            place: folder,
            message: `holds no ${RUN_FILES.manifest} or ${RUN_FILES.experiment}; give a folder under results/`,
          },
        ],
  )
  if (problems.length > 0) throw new UsageError(problems)
  const { loadReportInput, renderText } = await loadReporting()
  const input = await loadReportInput(results)
  const path = await writeReport(input, out)
  const findings = input.results.map((r) => r.findings)
  if (format === 'json')
    process.stdout.write(`${JSON.stringify(findings.length === 1 ? findings[0] : findings, null, 2)}\n`)
  else process.stdout.write(`${findings.map(renderText).join('\n\n')}\n`)
  process.stderr.write(`\nreport   ${path}\n`)
}
