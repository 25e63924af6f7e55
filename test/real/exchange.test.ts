import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RequestRecord, RunManifest } from '../../src/record/index.js'
import { output } from './falloff.js'
import { cacheFolder, freePort } from './server-process.js'

/** What is exported, read by those it is exported for. `.ci/setup-exchange.sh` puts them here. */
const readers = join(cacheFolder, 'exchange')
const python = join(readers, '.venv', 'bin', 'python')
const prometheusBin = join(readers, 'prometheus', 'usr', 'bin')

const here = dirname(fileURLToPath(import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'falloff-exchange-'))
/** A run of a minute ago: Prometheus takes no samples that are an hour old. */
const run = join(folder, 'falloff')
cpSync(join(here, '..', 'fixtures', 'exchange', 'falloff'), run, { recursive: true })
const manifest = JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')) as RunManifest
const startedAtUtc = new Date(Date.now() - 60_000).toISOString()
writeFileSync(join(run, 'run.json'), JSON.stringify({ ...manifest, startedAtUtc }))

const EXPORTS = [
  ['records.parquet', '--to', 'parquet'],
  ['chunks.parquet', '--to', 'parquet', '--of', 'chunks'],
  ['records.csv', '--to', 'csv'],
  ['run.hlog', '--to', 'hlog'],
  ['summary.openmetrics', '--to', 'openmetrics'],
  ['course.openmetrics', '--to', 'openmetrics', '--of', 'course'],
  ['otlp.json', '--to', 'otlp'],
  ['otlp.pb', '--to', 'otlp-protobuf'],
  ['remote-write', '--to', 'remote-write'],
] as const

const records = readFileSync(join(run, 'requests-0.ndjson'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as RequestRecord)
const sum = (value: (r: RequestRecord) => number): number => records.reduce((total, r) => total + value(r), 0)

/** Nearest rank, worked out here. */
function medianMs(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return (sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN) / 1e6
}

const ttftMs = medianMs(records.map((r) => (r.firstTokenNs ?? 0) - (r.sentNs ?? 0)))

beforeAll(async () => {
  for (const [file, ...flags] of EXPORTS) await output(['export', run, ...flags, '--out', join(folder, file)])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('other readers', () => {
  let found: Readonly<Record<string, unknown>>
  beforeAll(async () => {
    const { stdout } = await promisify(execFile)(python, [join(here, 'exchange-readers.py'), folder, run])
    found = JSON.parse(stdout) as Readonly<Record<string, unknown>>
  })

  it('DuckDB and pyarrow read the Parquet file, and find the figures of the records', () => {
    const tokens = sum((r) => r.outputTokens ?? 0)
    const [rows, median, output, firstUs] = found.parquet as readonly number[]
    expect([rows, median, Number(output)]).toEqual([records.length, ttftMs, tokens])
    const sentMs = Math.min(...records.map((r) => r.sentNs ?? 0)) / 1e6
    expect((firstUs ?? 0) / 1e3).toBeCloseTo(Date.parse(startedAtUtc) + sentMs, 2)
    expect(found.arrow).toEqual([records.length, expect.any(Number), 'timestamp[us, tz=UTC]'])
  })

  it('DuckDB reads the CSV, the chunks, and the records as they are', () => {
    expect(found.csv).toEqual([records.length, ttftMs, sum((r) => r.outputTokens ?? 0)])
    const gaps = records.flatMap((r) => r.chunks.filter((_, i) => i % 2 === 0).slice(1))
    expect(found.chunks).toEqual([
      sum((r) => r.chunks.length / 2),
      sum((r) => r.outputTokens ?? 0),
      medianMs(gaps),
    ])
    expect(found.ndjson).toEqual([ttftMs])
  })

  it('HdrHistogram’s Python reader finds every request and every gap in the interval log', () => {
    expect(found.hlog).toMatchObject({
      ttft: records.length,
      e2e: records.length,
      chunkGap: sum((r) => r.chunks.length / 2 - 1),
    })
  })

  it('the parser of OpenMetrics takes both texts, and finds the median', () => {
    expect((found['openmetrics summary'] as number[])[1]).toBeGreaterThan(100)
    expect((found['openmetrics course'] as number[])[1]).toBeGreaterThan(100)
    // Over the window, which leaves out the first wave.
    expect(Math.abs((found['openmetrics p50'] as number) * 1000 - ttftMs)).toBeLessThan(0.05 * ttftMs)
  })

  it('OpenTelemetry’s own messages take both forms, which say the same', () => {
    expect(found['otlp forms agree']).toBe(true)
    const { length } = records
    expect(found['otlp usage']).toEqual({
      input: [length, sum((r) => r.inputTokens ?? 0), length],
      output: [length, sum((r) => r.outputTokens ?? 0), length],
    })
  })

  it('Snappy’s own code undoes the compression of a remote write', () => {
    expect(found['remote write bytes']).toBeGreaterThan(1000)
  })
})

describe('Prometheus', () => {
  let page: Server
  let prometheus: ChildProcess
  let url = ''

  beforeAll(async () => {
    page = createServer((_, response) => {
      response.setHeader('content-type', 'application/openmetrics-text; version=1.0.0; charset=utf-8')
      response.end(readFileSync(join(folder, 'summary.openmetrics')))
    }).listen(0, '127.0.0.1')
    await once(page, 'listening')
    const target = `127.0.0.1:${(page.address() as AddressInfo).port}`
    const config = join(folder, 'prometheus.yml')
    writeFileSync(config, configOf(target))
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    const flags = [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'tsdb')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-remote-write-receiver',
    ]
    prometheus = spawn(join(prometheusBin, 'prometheus'), flags, { stdio: 'ignore' })
    await until(async () => (await fetch(`${url}/-/ready`)).ok)
  })
  afterAll(async () => {
    page.close()
    const ended = once(prometheus, 'exit')
    prometheus.kill('SIGTERM')
    await ended
  })

  const configOf = (target: string): string =>
    JSON.stringify({
      global: { scrape_interval: '1s' },
      scrape_configs: [{ job_name: 'falloff', honor_labels: true, static_configs: [{ targets: [target] }] }],
    })

  async function until(ready: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 150; tries++) {
      if (await ready().catch(() => false)) return
      await sleep(200)
    }
    throw new Error('Prometheus did not get there in 30 s')
  }

  interface Vector {
    readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] }
  }
  async function ask(query: string): Promise<readonly number[]> {
    const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`)
    return ((await response.json()) as Vector).data.result.map(({ value }) => Number(value[1]))
  }

  it('its linter has nothing to say of the summary', () => {
    const input = readFileSync(join(folder, 'summary.openmetrics'))
    const said = execFileSync(join(prometheusBin, 'promtool'), ['check', 'metrics'], {
      input,
      encoding: 'utf8',
    })
    expect(said).toBe('')
  })

  it('its own tool makes blocks of the course, for runs that are too old to be taken otherwise', () => {
    const blocks = join(folder, 'blocks')
    const args = ['tsdb', 'create-blocks-from', 'openmetrics', join(folder, 'course.openmetrics'), blocks]
    execFileSync(join(prometheusBin, 'promtool'), args, { stdio: 'pipe' })
    expect(readdirSync(blocks).length).toBeGreaterThan(0)
  })

  it('scrapes the summary', async () => {
    await until(async () => (await ask('falloff_requests{state="completed"}')).length === 1)
    expect(await ask('falloff_requests{state="completed"}')).toEqual([records.length])
    expect(await ask('up{job="falloff"}')).toEqual([1])
  })

  it('takes the course of a run by remote write, every bin of it', async () => {
    await output(['export', run, '--to', 'remote-write', '--push', `${url}/api/v1/write`])
    const course = readFileSync(join(folder, 'course.openmetrics'), 'utf8')
    const bins = course.split('\n').filter((line) => line.startsWith('falloff_course_in_flight_requests{'))
    expect(bins.length).toBeGreaterThan(20)
    const last = Number(bins.at(-1)?.split(' ').at(-1))
    const query = `count_over_time(falloff_course_in_flight_requests[1h])`
    const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}&time=${last}`)
    const { data } = (await response.json()) as Vector
    expect(data.result.map(({ value }) => Number(value[1]))).toEqual([bins.length])
  })

  it('takes every query of the Grafana dashboard', async () => {
    const { panels } = JSON.parse(
      readFileSync(join(here, '..', '..', 'docs', 'grafana.json'), 'utf8'),
    ) as Dashboard
    const queries = panels.flatMap((p) => p.targets.map((t) => t.expr))
    expect(queries.length).toBeGreaterThan(10)
    for (const query of queries) {
      const plain = query.replaceAll('$run', '.*').replaceAll('$__range', '1h')
      expect((await ask(plain)).length, query).toBeGreaterThan(query.includes('preemptions') ? -1 : 0)
    }
  })
})

interface Dashboard {
  readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[]
}

describe('the command', () => {
  const fixture = (name: string): string => join(here, '..', 'fixtures', 'exchange', name)

  it('imports a result beside ours, and keeps it', async () => {
    const out = join(folder, 'imported')
    const text = await output(['import', fixture('guidellm-0.8.1.json'), '--beside', run, '--out', out])
    expect(text).toContain('= inter_token_latency_ms')
    expect(JSON.parse(readFileSync(join(out, 'imported.json'), 'utf8'))).toMatchObject({
      kind: 'imported',
      tool: { name: 'GuideLLM', version: '0.8.1' },
    })
  })

  it.each(['guidellm', 'aiperf', 'vllm'])('tells a run as %s would', async (dialect) => {
    const answers = JSON.parse(
      await output(['report', run, '--dialect', dialect, '--format', 'json']),
    ) as readonly { readonly completed: number; readonly rows: readonly unknown[] }[]
    expect(answers).toHaveLength(1)
    expect(answers[0]).toMatchObject({ completed: records.length })
    expect(answers[0]?.rows.length).toBeGreaterThan(8)
  })
})
