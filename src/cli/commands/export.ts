import { createWriteStream, existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Problem, UsageError } from '../../base/index.js'
import {
  EXPORT_FORMATS,
  type ExportFormat,
  type ExportPart,
  exported,
  isBinary,
  partsOf,
  push,
  pushHeaders,
  pushHeadersOf,
  readResult,
} from '../../exchange/index.js'
import { RUN_FILES } from '../../record/index.js'
import type { ExportArguments } from '../options/results.js'
import { lastOfEach } from '../settings.js'

/** Writes a result in another format to a file or to stdout, or sends it to a server. */
export async function exportCommand(given: ExportArguments): Promise<void> {
  const argv = lastOfEach(given)
  const { folder, to } = argv
  const { part, headers } = choiceOf(argv)
  const result = await readResult(folder)
  const pieces = exported(result, to, part, result.findings.tool)
  if (argv.push !== undefined) {
    const body = await joined(pieces)
    await push(argv.push, headers, body)
    process.stderr.write(`pushed   ${body.length} bytes of ${part} as ${to}\n`)
    return
  }
  if (argv.out === undefined) return toStdout(pieces)
  mkdirSync(dirname(argv.out), { recursive: true })
  await pipeline(pieces, createWriteStream(argv.out))
  process.stderr.write(`exported ${argv.out}\n`)
}

/** A reader that has enough, such as `head`, ends the export without an error. */
async function toStdout(pieces: AsyncIterable<string | Uint8Array>): Promise<void> {
  try {
    await pipeline(pieces, process.stdout, { end: false })
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EPIPE') throw thrown
  }
}

/** @throws UsageError with every problem */
function choiceOf(argv: ExportArguments): { part: ExportPart; headers: Readonly<Record<string, string>> } {
  const problems: Problem[] = []
  const { folder, to } = argv
  if (![RUN_FILES.manifest, RUN_FILES.experiment].some((file) => existsSync(join(folder, file))))
    problems.push({
      place: folder,
      message: `holds no ${RUN_FILES.manifest} or ${RUN_FILES.experiment}; give a folder under results/`,
    })
  const parts = partsOf(to)
  const part = argv.of ?? parts[0] ?? 'summary'
  if (!parts.includes(part))
    problems.push({ place: `--of ${part}`, message: `${to} holds ${parts.join(', ')} only` })
  if (argv.push !== undefined && argv.out !== undefined)
    problems.push({
      place: '--push',
      message: 'excludes --out: a result is sent or written; give one of them',
    })
  if (argv.push === undefined && argv.out === undefined && isBinary(to) && process.stdout.isTTY)
    problems.push({ place: '--out', message: `${to} is no text for a terminal; name a file` })
  const headers = problemsOf(problems, () => headersOf(to, argv))
  if (problems.length > 0) throw new UsageError(problems)
  return { part, headers: headers ?? {} }
}

function headersOf(to: ExportFormat, argv: ExportArguments): Readonly<Record<string, string>> {
  if (argv.push === undefined) return {}
  const own = pushHeaders(to)
  if (own === undefined) {
    const takers = EXPORT_FORMATS.filter((format) => pushHeaders(format) !== undefined)
    throw new UsageError([{ place: '--push', message: `works with --to ${takers.join(', ')}; got ${to}` }])
  }
  const given = { url: argv.push, headers: argv.header ?? [], environment: process.env }
  return { ...own, ...pushHeadersOf(given) }
}

/** Adds what is wrong to the problems, so that all of them are told at once. */
function problemsOf<T>(problems: Problem[], make: () => T): T | undefined {
  try {
    return make()
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) throw thrown
    problems.push(...thrown.problems)
    return undefined
  }
}

async function joined(pieces: AsyncIterable<string | Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const piece of pieces) parts.push(typeof piece === 'string' ? Buffer.from(piece) : piece)
  return Buffer.concat(parts)
}
