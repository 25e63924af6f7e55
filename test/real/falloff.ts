import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Findings, PointFindings } from '../../src/analyse/findings.js'
import type { RequestRecord } from '../../src/record/index.js'

/** The built command, as a user runs it. */
export const command =
  process.env.FALLOFF_COMMAND ?? fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

export interface Sweep {
  readonly findings: Findings
  /** Every line of every run's record files. */
  readonly records: readonly RequestRecord[]
}

export interface SweepChoice {
  readonly url: string
  readonly name: string
  readonly inputTokens: number
  /** Of the input, a beginning that all prompts share; none when left out. */
  readonly prefixTokens?: number
  readonly outputTokens: number
  readonly requests: number
  /** In flight, one point each. */
  readonly concurrency: readonly number[]
}

/** `falloff sweep <profile> --format json` in a folder of its own; its answer, and the records beside it. */
export async function sweep(choice: SweepChoice): Promise<Sweep> {
  const folder = mkdtempSync(join(tmpdir(), 'falloff-real-'))
  const profile = join(folder, `${choice.name}.yaml`)
  writeFileSync(profile, profileText(choice))
  const results = join(folder, 'results')
  const over = `concurrency=${choice.concurrency.join(',')}`
  const out = join(folder, 'report.html')
  const stdout = await output([
    'sweep',
    profile,
    '--over',
    over,
    '--format',
    'json',
    '--results',
    results,
    '--out',
    out,
  ])
  if (!existsSync(out)) throw new Error('the sweep wrote no report')
  return { findings: JSON.parse(stdout) as Findings, records: recordsUnder(results) }
}

/** JSON is YAML. */
const profileText = ({ url, name, inputTokens, prefixTokens, outputTokens, requests }: SweepChoice): string =>
  JSON.stringify({
    name,
    target: { url },
    workload: {
      inputTokens,
      outputTokens,
      ...(prefixTokens !== undefined && { prefix: { share: 1, tokens: prefixTokens } }),
    },
    load: { kind: 'closed', concurrency: 1 },
    limits: { requests },
    scrapeIntervalMs: 200,
  })

const MAX_OUTPUT_BYTES = 64 << 20

/** Exit 6 says that the measurement is not valid: on two shared cores that may be so, and the answer is printed all the same. */
export function output(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [command, ...args],
      { maxBuffer: MAX_OUTPUT_BYTES, env },
      (error, stdout, stderr) => {
        if (error && error.code !== 6)
          reject(new Error(`falloff ${args[0]} ended with ${error.code}:\n${stderr}`))
        else resolve(stdout)
      },
    )
  })
}

export function recordsUnder(folder: string): RequestRecord[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /requests-\d+\.ndjson$/.test(path))
    .flatMap((path) => readFileSync(join(folder, path), 'utf8').trimEnd().split('\n'))
    .map((line) => JSON.parse(line) as RequestRecord)
}

/** The point measured at this many in flight. */
export function pointAt({ findings }: Sweep, concurrency: number): PointFindings {
  const point = findings.points.find((p) => p.setting.axes.concurrency === concurrency)
  if (!point) throw new Error(`no point at concurrency=${concurrency}`)
  return point
}

/** The states of every point sum to what it planned, and all requests completed. */
export function incomplete({ findings }: Sweep): string[] {
  return findings.points
    .filter((p) => p.states.completed !== p.planned)
    .map(
      (p) => `${p.setting.label}: ${JSON.stringify(p.states)} of ${p.planned}, ${JSON.stringify(p.failures)}`,
    )
}
