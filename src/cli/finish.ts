import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Findings } from '../analyse/index.js'
import { EXIT, type ExitCode } from '../base/index.js'
import { RUN_FILES, writeJsonFile } from '../record/index.js'
import type { ReportInput } from '../report/index.js'

export interface FinishOptions {
  readonly folder: string
  readonly out: string | undefined
  readonly format: 'text' | 'json'
}

/** Reads the records once, writes summary and report, and prints the answer: nothing but the result goes to stdout. */
export async function finish({ folder, out, format }: FinishOptions): Promise<Findings> {
  const { loadResult, renderText } = await loadReporting()
  const result = await loadResult(folder)
  const { findings } = result
  writeJsonFile(join(folder, RUN_FILES.summary), findings)
  const report = await writeReport({ title: findings.name, results: [result] }, out)
  process.stdout.write(
    format === 'json' ? `${JSON.stringify(findings, null, 2)}\n` : `${renderText(findings)}\n`,
  )
  process.stderr.write(`\nrecords  ${folder}\nreport   ${report}\n`)
  return findings
}

/** The report's libraries take as long to load as all others together; only the end of a command needs them. */
export const loadReporting = () => import('../report/index.js')

export async function writeReport(input: ReportInput, out: string | undefined): Promise<string> {
  const { renderReport, sizeWarning } = await loadReporting()
  const path = out ?? join('reports', `${nameOf(input)}.html`)
  const html = await renderReport(input)
  const warning = sizeWarning(html)
  if (warning !== null) process.stderr.write(`${warning}\n`)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, html)
  return path
}

/** Of a file; of many results not all names, which no file system would take. */
function nameOf({ results, comparison }: ReportInput): string {
  const names = comparison?.sides.map(({ name }) => name) ?? results.map(({ name }) => name)
  const few = names
    .slice(0, 3)
    .join('-vs-')
    .replace(/[^\w.-]+/g, '-')
  return names.length > 3 ? `${few}-and-${names.length - 3}-more` : few
}

/** `results/chat-20261121-143005`; the time makes it unique and sorts. */
export function newFolder(results: string, name: string): string {
  const stamp = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
  return join(results, `${name.replace(/[^\w.-]+/g, '-')}-${stamp}`)
}

/** The command as the user could repeat it. Values of headers and users in URLs may hold keys: they are left out. */
export function commandLine(argv: readonly string[] = process.argv.slice(2)): string {
  const safe = argv.map((word, i) => withoutUser(withoutHeader(word, argv[i - 1])))
  return ['falloff', ...safe.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`))].join(' ')
}

function withoutHeader(word: string, before: string | undefined): string {
  if (before === '--header') return word.replace(/:.*/s, ': …')
  if (before === '--set') return word.replace(/^(target\.headers[^=]*=).*/s, '$1…')
  return word.replace(/^(--header=[^:]*:).*/s, '$1 …').replace(/^(--set=target\.headers[^=]*=).*/s, '$1…')
}

const withoutUser = (word: string): string => word.replace(/(https?:\/\/)[^/\s@]*@/g, '$1…@')

/** What the exit code says of a finished run. */
export function exitCodeOf(findings: Findings, interrupted: boolean): ExitCode {
  if (interrupted) return EXIT.interrupted
  if (findings.validity.verdict === 'INVALID') return EXIT.invalid
  const missed =
    findings.kind === 'run' && findings.points.some((p) => p.objectives.some((o) => o.verdict === 'missed'))
  return missed ? EXIT.objectiveFailed : EXIT.done
}
