import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ComparisonFindings } from '../../analyse/index.js'
import { EXIT, type ExitCode, FalloffError } from '../../base/index.js'
import { type CompareManifest, RUN_FILES, readJsonFile } from '../../record/index.js'
import { loadReporting } from '../finish.js'
import { layoutWidth } from '../layout.js'
import { comparisonText } from './text.js'
import { gatedOf } from './words.js'

export interface FinishComparison {
  readonly out?: string | undefined
  readonly format: 'text' | 'json' | 'markdown'
}

/** Prints the answer and writes the page: nothing but the answer goes to stdout. */
export async function finishComparison(
  findings: ComparisonFindings,
  { out, format }: FinishComparison,
): Promise<void> {
  const { renderComparison, renderComparisonMarkdown, sizeWarning, visible } = await loadReporting()
  if (format === 'json') process.stdout.write(`${JSON.stringify(findings, null, 2)}\n`)
  else if (format === 'markdown') process.stdout.write(renderComparisonMarkdown(findings))
  else process.stdout.write(`${comparisonText(visible(findings), layoutWidth(process.stdout))}\n`)
  const html = await renderComparison(findings)
  const warning = sizeWarning(html)
  if (warning !== null) process.stderr.write(`${warning}\n`)
  const path = out ?? join('reports', `${findings.name.replace(/[^\w.-]+/g, '-')}.html`)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, html)
  process.stderr.write(`\nreport   ${path}\n`)
}

/**
 * What a comparison in a folder found.
 * @param allowed codes of checks, beside those that were allowed beforehand
 * @throws FalloffError when no block of it is whole
 */
export async function findingsIn(folder: string, allowed: readonly string[]): Promise<ComparisonFindings> {
  const manifest = readJsonFile(join(folder, RUN_FILES.compare)) as CompareManifest
  if (!hasBlock(manifest))
    throw new FalloffError('NO_BLOCK', `${folder} does not hold a run of every side yet`, {
      hint: `Go on with it: the command that began it, with --resume ${folder}.`,
    })
  for (const run of alone(manifest))
    process.stderr.write(`left out ${run}: its block does not hold every side yet\n`)
  const { comparisonOf } = await import('../../analyse/index.js')
  return comparisonOf(folder, allowed)
}

/** Folders of runs that nothing stands against. */
const alone = ({ sides, runs }: CompareManifest): readonly string[] =>
  runs
    .filter(({ block }) => runs.filter((r) => r.block === block).length < sides.length)
    .map(({ folder }) => folder)

/** Whether every side was measured once. */
export const hasBlock = ({ sides, runs }: CompareManifest): boolean =>
  sides.every((_, side) => runs.some((r) => r.side === side && r.block === 0))

/** What the exit code says of a comparison. */
export function compareExit(
  { comparable, pairs }: ComparisonFindings,
  inconclusive: 'pass' | 'fail',
  interrupted: boolean,
): ExitCode {
  if (interrupted) return EXIT.interrupted
  if (!comparable) return EXIT.invalid
  const gated = pairs.flatMap(gatedOf)
  if (gated.some((m) => m.verdict === 'worse')) return EXIT.regression
  const open = gated.length === 0 || gated.some((m) => m.verdict === 'not-shown')
  return open && inconclusive === 'fail' ? EXIT.inconclusive : EXIT.done
}
