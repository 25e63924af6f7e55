import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { clientPlace, figuresOf } from '../../../src/analyse/figures/index.js'
import { summariseRun } from '../../../src/analyse/summarise.js'
import type { RequestRecord } from '../../../src/record/index.js'
import { tempFolder, writeRun } from '../run-folder.js'
import { MACHINE, PROFILE, requests, write } from './written-runs.js'

describe('the figures of a run', () => {
  test('are those of its findings, where every request completed', async () => {
    const folder = write(join(tempFolder(), 'one'), { by: 1, seed: 1 })
    const [figures, point] = [await figuresOf(folder), await summariseRun(folder)]
    const [found] = figures.points
    expect(figures).toMatchObject({
      run: 'one',
      unit: 'run',
      workloadHash: 'seed 1',
      target: { model: 'm', transport: 'kernel', tokenSource: 'usage' },
      place: clientPlace(MACHINE),
      overall: {},
    })
    expect(found).toMatchObject({ label: 'run', judged: point.window.requests, failed: 0, failures: [] })
    const { ttft, e2e, outputTokens } = point.metrics
    expect(found?.figures['ttft.p50']).toMatchObject({
      value: ttft.p50?.value,
      low: ttft.p50?.low,
      high: ttft.p50?.high,
    })
    expect(found?.figures['e2e.p99']?.value).toBe(e2e.p99?.value)
    expect(found?.figures['outputTokens.mean']?.value).toBe(outputTokens.mean)
    expect(found?.figures.outputTokensPerS?.value).toBe(point.throughput.outputTokensPerS)
    expect(found?.figures.errorRate).toMatchObject({ value: 0, low: 0 })
    expect(found?.figures.goodputPerS?.value).toBe(point.throughput.goodputPerS)
    expect(found?.curves.ttft).toHaveLength(15)
    expect(found?.curves.ttft?.slice(-4)).toEqual([expect.any(Number), null, null, null])
  })

  test('rank what did not complete above every value', async () => {
    const calm = await figuresOf(write(tempFolder(), { by: 1, seed: 1 }))
    const third = await figuresOf(write(tempFolder(), { by: 1, seed: 1, fails: (i) => i % 3 === 0 }))
    const figure = (key: string) => third.points[0]?.figures[key]
    expect(third.points[0]).toMatchObject({
      judged: 60,
      failed: 20,
      failures: [{ code: 'overloaded', count: 20 }],
    })
    expect(figure('errorRate')?.value).toBeCloseTo(1 / 3, 12)
    expect(figure('ttft.p90')?.value).toBe('endless')
    expect(figure('ttft.p50')?.value).toBeGreaterThan(Number(calm.points[0]?.figures['ttft.p50']?.value))
    // What is slow at best is slowest for those who got nothing: the low quantiles are theirs.
    expect(figure('perStreamTokensPerS.p50')?.value).toBeLessThan(
      Number(calm.points[0]?.figures['perStreamTokensPerS.p50']?.value),
    )
    expect(figure('chunkGap.p90')?.value).toBe('endless')
    expect(figure('inputTokens.p99')?.value).toBe(100)
  })

  test('leave out what we stopped ourselves', async () => {
    const records = requests(1, 1).map(
      (r): RequestRecord =>
        r.index < 50 ? r : { ...r, state: 'cancelled', error: { code: 'stopped', message: 'stop' } },
    )
    const [point] = (await figuresOf(writeRun({ profile: PROFILE, records }))).points
    expect(point).toMatchObject({ judged: 50, failed: 0 })
    expect(point?.figures['ttft.p99']?.value).not.toBe('endless')
  })

  test('are endless throughout where nothing completed', async () => {
    const folder = write(tempFolder(), { by: 1, seed: 1, fails: () => true })
    const [point] = (await figuresOf(folder)).points
    expect(point?.figures['ttft.p50']?.value).toBe('endless')
    expect(point?.figures.outputTokensPerS?.value).toBe(0)
    expect(point?.figures.errorRate?.value).toBe(1)
    const { validity } = await figuresOf(folder)
    const { findings } = (await summariseRun(folder)).validity
    expect(validity.verdict).toBe('INVALID')
    expect(validity.codes).toEqual(findings.filter((f) => f.severity === 'invalid').map((f) => f.code))
  })

  test('tell of characters where some texts were counted', async () => {
    const records = requests(1, 1).map(
      (r): RequestRecord => (r.index % 32 === 0 ? { ...r, outputChars: 4 * (r.outputTokens ?? 0) } : r),
    )
    const [point] = (await figuresOf(writeRun({ profile: PROFILE, records }))).points
    const value = (key: string): number => Number(point?.figures[key]?.value)
    expect(point?.charsPerToken).toBe(4)
    expect(value('outputCharsPerS')).toBeCloseTo(4 * value('outputTokensPerS'), 9)
    expect(value('charTime.p50')).toBeCloseTo(value('tpot.p50') / 4, 9)
    const [without] = (await figuresOf(writeRun({ profile: PROFILE, records: requests(1, 1) }))).points
    expect(Object.keys(without ?? {})).not.toContain('charsPerToken')
    expect(Object.keys(without?.figures ?? {})).not.toContain('outputCharsPerS')
  })

  test('of a sweep are those of its points, with knee and peak', async () => {
    const folder = tempFolder()
    const runs = [1, 2, 4, 8].map((n) => {
      const label = `concurrency=${n}`
      const manifest = { point: { label, axes: { concurrency: n } }, workloadHash: label }
      writeRun({ profile: PROFILE, manifest, records: requests(n > 2 ? n / 2 : 1, n) }, join(folder, label))
      return label
    })
    const experiment = {
      format: 1,
      kind: 'sweep',
      name: 's',
      command: '',
      startedAtUtc: '',
      dimensions: ['concurrency'],
      runs,
    }
    writeFileSync(join(folder, 'experiment.json'), JSON.stringify(experiment))
    const figures = await figuresOf(folder)
    expect(figures).toMatchObject({ unit: 'sweep', name: 's' })
    expect(figures.points.map((p) => p.label)).toEqual(runs)
    expect(figures.overall.peakOutputTokensPerS?.value).toBe(
      Math.max(...figures.points.map((p) => Number(p.figures.outputTokensPerS?.value))),
    )
    // Sixty requests do not show that a p99 is within 70 ms: there is no load that is known to be good.
    expect(figures.overall.lastGood?.value).toBe(0)
    expect(figures.workloadHash).toMatch(/^[0-9a-f]{64}$/)
  })

  test('of another tool are those alone that it measures as we do, or nearly so', async () => {
    const folder = tempFolder()
    const metric = (ours: string | null, match: string, p50: number) => ({
      ...{ theirs: 't', ours, match, note: '', unit: 'ms', from: 'summary' },
      ...{ n: 10, mean: p50 + 1, p50, p90: null, p95: null, p99: p50 * 2 },
    })
    const imported = {
      ...{
        format: 1,
        kind: 'imported',
        tool: { name: 'GuideLLM', version: '0.8.1' },
        source: 'x.json',
        model: 'm',
        defects: [],
      },
      points: [
        {
          ...{ label: 'first', concurrency: 4, ratePerS: null, completed: 90, failed: 10, durationS: 30 },
          metrics: [
            metric('ttft', 'differs', 52),
            metric('ttft', 'equal', 50),
            metric('tpot', 'not-comparable', 9),
            metric('outputTokensPerS', 'equal', 400),
            metric(null, 'not-comparable', 1),
          ],
        },
      ],
    }
    writeFileSync(join(folder, 'imported.json'), JSON.stringify(imported))
    const figures = await figuresOf(folder)
    expect(figures).toMatchObject({
      tool: { name: 'GuideLLM' },
      place: null,
      workloadHash: null,
      unit: 'run',
    })
    const table = figures.points[0]?.figures ?? {}
    expect(Object.fromEntries(Object.entries(table).map(([key, { value }]) => [key, value]))).toEqual({
      'ttft.p50': 50,
      'ttft.p99': 100,
      'ttft.mean': 51,
      outputTokensPerS: 401,
      errorRate: 0.1,
    })
  })
})

describe('the fingerprint of a place', () => {
  const same = [
    { ...MACHINE, node: 'v20.20.7' },
    { ...MACHINE, platform: 'linux 6.8.12 x64' },
    { ...MACHINE, memoryBytes: 2 ** 34 - 2 ** 20 },
  ]
  const others = [
    { ...MACHINE, node: 'v22.1.0' },
    { ...MACHINE, platform: 'linux 6.9.0 x64' },
    { ...MACHINE, platform: 'linux 6.8.0-47-generic arm64' },
    { ...MACHINE, cpus: 8 },
    { ...MACHINE, cpuModel: 'd' },
    { ...MACHINE, memoryBytes: 2 ** 35 },
  ]
  test.each(same)('is that of a like machine: $node $platform $memoryBytes', (machine) => {
    expect(clientPlace(machine).fingerprint).toBe(clientPlace(MACHINE).fingerprint)
  })
  test.each(others)('is not that of another: $node $platform $cpuModel $cpus $memoryBytes', (machine) => {
    expect(clientPlace(machine).fingerprint).not.toBe(clientPlace(MACHINE).fingerprint)
  })
})
