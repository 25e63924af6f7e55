import { usageError } from '../base/index.js'
import { isObject, LineFaults, parseJson, readDataFile } from './files.js'
import type { Message } from './message.js'

export interface DatasetRow {
  readonly messages: readonly Message[]
  /** When the row says how long its answer is to be. */
  readonly outputTokens?: number
}

type Format = 'auto' | 'jsonl' | 'sharegpt'

/**
 * Reads prompts from a file.
 *
 * - `jsonl`: a line a prompt, `{"prompt": "…"}` or `{"messages": [{role, content}, …]}`, with optional `output_tokens` or `max_tokens`;
 * - `sharegpt`: a JSON list of `{"conversations": [{"from": "human", "value": "…"}, …]}`; the first human turn becomes the prompt.
 *
 * @throws UsageError naming the faulty lines
 */
export function readDataset(path: string, format: Format): readonly DatasetRow[] {
  const text = readDataFile(path)
  const asShareGpt = format === 'sharegpt' || (format === 'auto' && text.trimStart().startsWith('['))
  const faults = new LineFaults(path)
  const rows = asShareGpt ? shareGptRows(path, text, faults) : jsonlRows(text, faults)
  faults.throwIfAny()
  if (rows.length === 0) throw usageError(path, 'holds no prompt')
  return rows
}

function jsonlRows(text: string, faults: LineFaults): DatasetRow[] {
  const rows: DatasetRow[] = []
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const row = jsonlRow(parseJson(line))
    if (row) rows.push(row)
    else
      faults.add(i + 1, 'expected a JSON object with "prompt" (text) or "messages" (list of {role, content})')
  }
  return rows
}

function jsonlRow(value: unknown): DatasetRow | undefined {
  if (!isObject(value)) return undefined
  const asked = value.output_tokens ?? value.max_tokens
  const outputTokens = typeof asked === 'number' && asked >= 1 ? { outputTokens: Math.round(asked) } : {}
  if (typeof value.prompt === 'string')
    return { messages: [{ role: 'user', content: value.prompt }], ...outputTokens }
  if (!Array.isArray(value.messages) || !value.messages.every(isMessage)) return undefined
  return { messages: value.messages, ...outputTokens }
}

const isMessage = (value: unknown): value is Message =>
  isObject(value) &&
  ['system', 'user', 'assistant'].includes(String(value.role)) &&
  typeof value.content === 'string'

function shareGptRows(path: string, text: string, faults: LineFaults): DatasetRow[] {
  const list = parseJson(text)
  if (!Array.isArray(list)) throw usageError(path, 'expected a JSON list in ShareGPT form')
  return list.flatMap((entry, i) => {
    const turns =
      isObject(entry) && Array.isArray(entry.conversations) ? entry.conversations.filter(isObject) : undefined
    if (!turns) {
      faults.add(i + 1, `entry ${i} has no "conversations" list`)
      return []
    }
    const human = turns.findIndex((t) => t.from === 'human' || t.from === 'user')
    const prompt = turns[human]?.value
    if (typeof prompt !== 'string' || prompt.trim() === '') return []
    const answer = turns[human + 1]?.value
    // Four characters a token is the usual rule of thumb for English; the output is asked for, not measured, by it.
    const output =
      typeof answer === 'string' ? { outputTokens: Math.max(1, Math.round(answer.length / 4)) } : {}
    return [{ messages: [{ role: 'user' as const, content: prompt }], ...output }]
  })
}
