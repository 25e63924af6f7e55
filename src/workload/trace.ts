import { NS_PER_MS, NS_PER_S, usageError } from '../base/index.js'
import { isObject, LineFaults, parseJson, readDataFile } from './files.js'

export interface TraceRow {
  /** Since the first arrival of the trace. */
  readonly arrivalNs: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** Numbered blocks of the prompt (Mooncake): equal numbers mean shared text. */
  readonly prefixBlocks?: readonly number[]
  readonly blockTokens?: number
}

type Format = 'auto' | 'azure' | 'burstgpt' | 'mooncake'

/** Mooncake hashes prompts in blocks of 512 tokens. */
const MOONCAKE_BLOCK_TOKENS = 512

/**
 * Reads a public trace:
 *
 * - `azure` (Azure LLM inference 2023, 2024): CSV `TIMESTAMP,ContextTokens,GeneratedTokens`, time as date and time;
 * - `burstgpt`: CSV `Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type`, time in seconds; failed requests
 *   (no response tokens) are left out;
 * - `mooncake`: JSONL `{"timestamp": ms, "input_length": n, "output_length": n, "hash_ids": [...]}`.
 *
 * Rows come back in order of arrival, times divided by `speedup`.
 * @throws UsageError naming the faulty lines
 */
export function readTrace(path: string, format: Format, speedup: number): readonly TraceRow[] {
  const text = readDataFile(path)
  const faults = new LineFaults(path)
  const kind = format === 'auto' ? guess(path, text) : format
  const rows = kind === 'mooncake' ? mooncakeRows(text, faults) : csvRows(path, text, kind, faults)
  faults.throwIfAny()
  if (rows.length === 0) throw usageError(path, 'holds no request')
  rows.sort((a, b) => a.arrivalNs - b.arrivalNs)
  const first = rows[0]?.arrivalNs ?? 0
  return rows.map((row) => ({ ...row, arrivalNs: (row.arrivalNs - first) / speedup }))
}

function guess(path: string, text: string): Exclude<Format, 'auto'> {
  const head = text.slice(0, 400)
  if (head.trimStart().startsWith('{')) return 'mooncake'
  if (/ContextTokens/i.test(head)) return 'azure'
  if (/Request tokens/i.test(head)) return 'burstgpt'
  throw usageError(path, 'is no trace known here; set workload.trace.format to azure, burstgpt or mooncake')
}

const COLUMNS = {
  azure: { time: 'timestamp', input: 'contexttokens', output: 'generatedtokens' },
  burstgpt: { time: 'timestamp', input: 'request tokens', output: 'response tokens' },
} as const

function csvRows(path: string, text: string, kind: 'azure' | 'burstgpt', faults: LineFaults): TraceRow[] {
  const [head = '', ...lines] = text.split(/\r?\n/)
  const names = head.split(',').map((name) => name.trim().toLowerCase())
  const wanted = COLUMNS[kind]
  const [time, input, output] = [wanted.time, wanted.input, wanted.output].map((name) => names.indexOf(name))
  if (
    time === undefined ||
    input === undefined ||
    output === undefined ||
    Math.min(time, input, output) < 0
  ) {
    throw usageError(
      path,
      `expected the columns ${Object.values(wanted).join(', ')}; found ${names.join(', ')}`,
    )
  }
  return lines.flatMap((line, i) => {
    if (line.trim() === '') return []
    const cells = line.split(',')
    const arrivalNs = timeNs(cells[time] ?? '')
    const row = { arrivalNs, inputTokens: Number(cells[input]), outputTokens: Number(cells[output]) }
    if (Object.values(row).every(Number.isFinite))
      return row.outputTokens > 0 && row.inputTokens > 0 ? [row] : []
    faults.add(i + 2, 'expected a time and two token counts')
    return []
  })
}

/** Seconds, or a date and time with up to seven decimals; a time without a zone is taken as UTC. */
function timeNs(cell: string): number {
  const text = cell.trim()
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * NS_PER_S
  const match = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?$/.exec(text)
  if (!match) return Number.NaN
  const wholeMs = Date.parse(`${match[1]}T${match[2]}${match[4] ?? 'Z'}`)
  return wholeMs * NS_PER_MS + Number(match[3] ?? 0) * NS_PER_S
}

function mooncakeRows(text: string, faults: LineFaults): TraceRow[] {
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return []
    const value = parseJson(line)
    const row = isObject(value) ? mooncakeRow(value) : undefined
    if (row) return [row]
    faults.add(i + 1, 'expected {"timestamp": ms, "input_length": n, "output_length": n, "hash_ids": [...]}')
    return []
  })
}

function mooncakeRow(value: Record<string, unknown>): TraceRow | undefined {
  const { timestamp, input_length: input, output_length: output, hash_ids: blocks } = value
  if (typeof timestamp !== 'number' || typeof input !== 'number' || typeof output !== 'number')
    return undefined
  const row = { arrivalNs: timestamp * NS_PER_MS, inputTokens: input, outputTokens: Math.max(1, output) }
  if (!Array.isArray(blocks) || !blocks.every((b) => typeof b === 'number')) return row
  return { ...row, prefixBlocks: blocks, blockTokens: MOONCAKE_BLOCK_TOKENS }
}
