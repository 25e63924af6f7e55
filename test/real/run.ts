import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Findings } from '../../src/analyse/findings.js'
import type { RequestRecord, RunManifest } from '../../src/record/index.js'
import { output, recordsUnder } from './falloff.js'

/** One request's text and the output length to ask for. */
export interface Prompt {
  readonly prompt: string
  readonly outputTokens: number
}

export interface RunChoice {
  readonly url: string
  readonly api: string
  readonly model: string
  /** Each is sent once. */
  readonly prompts: readonly Prompt[]
  readonly concurrency: number
  readonly headers?: Readonly<Record<string, string>>
  /** Variables for `${NAME}` in the headers. */
  readonly env?: Readonly<Record<string, string>>
  readonly exactOutput?: 'auto' | 'on' | 'off'
}

export interface Run {
  readonly findings: Findings
  readonly manifest: RunManifest
  /** In the order of the prompts. */
  readonly records: readonly RequestRecord[]
}

/** `falloff run` with prompts from a file, greedy and without warm-up, in a folder of its own. */
export async function run(choice: RunChoice): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), `falloff-${choice.api}-`))
  const dataset = join(folder, 'prompts.jsonl')
  writeFileSync(
    dataset,
    choice.prompts
      .map((p) => `${JSON.stringify({ prompt: p.prompt, output_tokens: p.outputTokens })}\n`)
      .join(''),
  )
  const profile = join(folder, 'profile.yaml')
  writeFileSync(profile, profileText(choice, dataset))
  const results = join(folder, 'results')
  const stdout = await output(
    ['run', profile, '--format', 'json', '--results', results, '--out', join(folder, 'report.html')],
    { ...process.env, ...choice.env },
  )
  return {
    findings: JSON.parse(stdout) as Findings,
    manifest: manifestUnder(results),
    records: recordsUnder(results).sort((a, b) => a.index - b.index),
  }
}

/** JSON is YAML. */
function profileText(choice: RunChoice, dataset: string): string {
  const { url, api, model, prompts, concurrency, headers = {}, exactOutput = 'auto' } = choice
  return JSON.stringify({
    name: api,
    target: { url, api, model, headers, exactOutput, request: { temperature: 0 } },
    workload: { dataset: { path: dataset } },
    load: { kind: 'closed', concurrency },
    limits: { requests: prompts.length, warmupRequests: 0 },
    scrapeIntervalMs: 200,
  })
}

function manifestUnder(folder: string): RunManifest {
  const path = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((p) => p.endsWith('run.json'))
  if (path === undefined) throw new Error('the run wrote no manifest')
  return JSON.parse(readFileSync(join(folder, path), 'utf8')) as RunManifest
}

/** Requests that did not complete, with why; none is what a test wants to see. */
export const troubles = ({ records }: Run): string[] =>
  records
    .filter((r) => r.state !== 'completed')
    .map((r) => `${r.index}: ${r.state} ${r.error?.code} ${r.error?.message}`)

/** A completed request has its times in their order: sent, first event, first token, last token, end. */
export const timesOutOfOrder = ({ records }: Run): number[] =>
  records
    .filter((r) => {
      const times = [r.sentNs, r.headersNs, r.firstEventNs, r.firstTokenNs, r.lastTokenNs, r.endNs]
      return times.some((t, i) => t === undefined || (i > 0 && t < (times[i - 1] ?? Number.NaN)))
    })
    .map((r) => r.index)
