import { readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import type { z } from 'zod'
import { messageOf, UsageError, usageError } from '../../base/index.js'
import { AIPERF_SUMMARY } from './aiperf.js'
import { AIPERF_REQUESTS } from './aiperf-requests.js'
import { GENAI_PERF } from './genai-perf.js'
import { GUIDELLM_REPORT } from './guidellm.js'
import type { Imported } from './imported.js'
import type { Importer } from './importer.js'
import { INFERENCE_PERF } from './inference-perf.js'
import { VLLM_BENCH } from './vllm.js'

const MOST_BYTES = 512 * 2 ** 20
/** Problems shown of one file: a wrong one has the same in every request. */
const SHOWN = 8

type Reader = (value: Readonly<Record<string, unknown>>, file: string) => Imported | undefined

/** The first that recognises a file reads it; GenAI-Perf's files differ from AIPerf's by what they lack. */
const READERS: readonly Reader[] = [
  readerOf(GUIDELLM_REPORT),
  readerOf(VLLM_BENCH),
  readerOf(AIPERF_SUMMARY),
  readerOf(AIPERF_REQUESTS),
  readerOf(INFERENCE_PERF),
  readerOf(GENAI_PERF),
]

const EXPECTED =
  'the JSON of GuideLLM, vllm bench serve (--save-result), AIPerf (profile_export_aiperf.json or profile_export.jsonl), inference-perf (summary_lifecycle_metrics.json) or GenAI-Perf'

/** @throws UsageError naming the file and all that is wrong with it */
export function readImported(file: string): Imported {
  const value = contentOf(file)
  for (const read of READERS) {
    const imported = read(value, file)
    if (imported !== undefined) return imported
  }
  const fields = Object.keys(value).slice(0, SHOWN).join(', ')
  throw usageError(
    file,
    `is of no tool that is known; expected ${EXPECTED}; its fields begin with ${fields || 'none'}`,
  )
}

function readerOf<T>({ tool, schema, recognises, read }: Importer<T>): Reader {
  return (value, file) => {
    if (!recognises(value)) return undefined
    const parsed = schema.safeParse(value)
    if (!parsed.success) throw problemsOf(file, tool, parsed.error)
    const { version, ...rest } = read(parsed.data)
    return { format: 1, kind: 'imported', tool: { name: tool, version }, source: basename(file), ...rest }
  }
}

function problemsOf(file: string, tool: string, { issues }: z.ZodError): UsageError {
  const shown = issues.slice(0, SHOWN).map(({ path, message }) => ({
    place: `${file}: ${path.join('.') || 'the file'}`,
    message: `${message} (read as a file of ${tool})`,
  }))
  const more = issues.length - shown.length
  return new UsageError(more > 0 ? [...shown, { place: file, message: `${more} more of the kind` }] : shown)
}

/** An object, or the lines of a JSONL file as `{ lines }`. */
function contentOf(file: string): Readonly<Record<string, unknown>> {
  const text = textOf(file)
  const whole = parsed(text)
  if (isObject(whole)) return whole
  if (whole !== undefined) throw usageError(file, `holds ${kindOf(whole)}; expected ${EXPECTED}`)
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const values = lines.map(parsed)
  const bad = values.findIndex((line) => !isObject(line))
  if (lines.length === 0) throw usageError(file, `is empty; expected ${EXPECTED}`)
  if (bad >= 0) throw usageError(`${file}:${bad + 1}`, `is no JSON object; expected ${EXPECTED}`)
  return { lines: values }
}

function textOf(file: string): string {
  try {
    const { size } = statSync(file)
    if (size > MOST_BYTES) throw new RangeError(`${size} bytes; at most ${MOST_BYTES} are read`)
    return readFileSync(file, 'utf8')
  } catch (thrown) {
    throw usageError(file, `cannot be read: ${messageOf(thrown)}`)
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const kindOf = (value: unknown): string => (Array.isArray(value) ? 'a list' : `a ${typeof value}`)
