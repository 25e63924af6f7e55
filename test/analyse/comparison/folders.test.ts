import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { comparisonOf, comparisonOfResults } from '../../../src/analyse/comparison/index.js'
import { createRandom } from '../../../src/base/index.js'
import type { CompareManifest, CompareRun } from '../../../src/record/index.js'
import { tempFolder, writeRun } from '../run-folder.js'
import { PROFILE, requests, write } from './written-runs.js'

/** Five blocks of two sides, with seeds of their own; b is as many times as slow, within 1 %. */
function measured(by: number, over: Partial<CompareManifest> = {}): string {
  const folder = tempFolder()
  const random = createRandom(9, 'runs')
  const runs = [0, 1, 2, 3, 4].flatMap((block) =>
    [1, by].map((factor, side): CompareRun => {
      const name = `${'ab'[side]}-${block + 1}`
      const fails = (i: number) => side === 1 && i % 20 === 7
      write(join(folder, name), {
        ...{ by: factor * (1 + 0.01 * random.uniform()), seed: block, name },
        ...(by > 1 && { fails }),
      })
      return { side, block, position: side, folder: name, startedAtUtc: '', stopReason: 'plan-complete' }
    }),
  )
  const side = {
    workloadHash: '',
    connect: null,
    price: { inputPerMillion: 1, outputPerMillion: 1, source: 'list' },
  }
  const manifest: CompareManifest = {
    ...{
      format: 1,
      tool: { name: 'falloff', version: '1.0.0' },
      name: 'n',
      command: '',
      startedAtUtc: '',
      unit: 'run',
    },
    sides: [
      { ...side, name: 'a' },
      { ...side, name: 'b' },
    ],
    plan: { runs: 5, mostRuns: 5, looks: [5], levelPerLook: 0.05, seed: 1, coolDownS: 0, budgetS: null },
    margins: {},
    gated: ['ttft.p50', 'outputTokensPerS', 'errorRate'],
    // Sixty requests a run bear no p99: their verdict is not what is looked at here.
    allowed: ['invalid'],
    runs: runs.toReversed(),
    spentS: 0,
    stopReason: 'complete',
    ...over,
  }
  writeFileSync(join(folder, 'compare.json'), JSON.stringify(manifest))
  return folder
}

describe('a comparison that was measured', () => {
  test('goes from its records to its answer', async () => {
    const found = await comparisonOf(measured(1.2))
    expect(found).toMatchObject({
      name: 'n',
      comparable: true,
      design: {
        runs: [5, 5],
        interleaved: true,
        paired: true,
        level: 0.05,
        looks: { taken: 1, planned: 1 },
        stopReason: 'complete',
      },
    })
    const [pair] = found.pairs
    expect(pair?.answer).toBe('worse')
    const [ttft] = pair?.metrics ?? []
    expect(ttft).toMatchObject({ key: 'ttft.p50', method: 'paired t', verdict: 'worse', gated: true })
    expect(ttft?.effect?.value).toBeGreaterThan(1.15)
    const [share] = pair?.shares ?? []
    expect(share).toMatchObject({
      key: 'errorRate',
      a: { count: 0 },
      kinds: [{ code: 'overloaded', a: 0, b: 15 }],
    })
    expect(share?.a.of).toBeGreaterThan(200)
    // One in twenty of side b failed, and each of its prompts went well on side a.
    expect((share?.b.count ?? 0) / (share?.b.of ?? 1)).toBeCloseTo(0.05, 2)
    expect(share?.mcnemar).toMatchObject({ onlyA: 0, onlyB: share?.b.count })
    expect(pair?.prompts.map((p) => p.metric)).toEqual(['ttft', 'e2e'])
    expect(pair?.prompts[0]?.pairs.length).toBe((share?.b.of ?? 0) - (share?.b.count ?? 0))
    expect(pair?.shifts.map((s) => s.metric)).toContain('ttft')
    expect(found.sides[0]?.cost?.usdPerRequest).toBeCloseTo(
      (100 + Number(found.sides[0]?.runs[0]?.points[0]?.figures['outputTokens.mean']?.value)) / 1e6,
      5,
    )
  })

  test('finds equals equivalent', async () => {
    const found = await comparisonOf(measured(1, { gated: ['ttft.p50', 'e2e.p50'] }))
    expect(found.pairs[0]?.answer).toBe('equivalent')
  })

  test('that is still under way judges the blocks that hold every side', async () => {
    const folder = measured(1.2)
    const path = join(folder, 'compare.json')
    const { stopReason: _s, ...manifest } = JSON.parse(readFileSync(path, 'utf8')) as CompareManifest
    const under = {
      ...manifest,
      runs: manifest.runs.filter((r) => r.block < 2 || (r.block === 2 && r.side === 0)),
    }
    writeFileSync(path, JSON.stringify(under))
    const found = await comparisonOf(folder)
    expect(found.design).toMatchObject({ runs: [2, 2], stopReason: null })
    expect(found.pairs[0]?.metrics[0]?.method).toBe('paired t')
  })

  test('needs its folder', async () => {
    await expect(comparisonOf(tempFolder())).rejects.toThrow(/compare\.json cannot be read/)
  })
})

describe('results that were measured apart', () => {
  test('are compared with a warning, without blocks', async () => {
    const folder = measured(1.2)
    const of = (side: string) => [1, 2, 3, 4, 5].map((k) => join(folder, `${side}-${k}`))
    const found = await comparisonOfResults(
      [
        { name: 'old', folders: of('a') },
        { name: 'new', folders: of('b') },
      ],
      { gated: ['ttft.p50'], margins: {}, allowed: ['invalid'] },
    )
    expect(found.design).toMatchObject({ interleaved: false, paired: false })
    expect(found.checks.map((c) => c.code)).toContain('not-interleaved')
    expect(found.pairs[0]?.metrics[0]).toMatchObject({ method: 'Welch t', verdict: 'worse' })
    expect(found.pairs[0]?.prompts).not.toEqual([])
  })

  test('tell which settings differ', async () => {
    const one = writeRun({ profile: PROFILE, records: requests(1, 1) })
    const other = writeRun({
      profile: { ...PROFILE, load: { kind: 'constant', ratePerS: 20 } },
      manifest: { workloadHash: 'other' },
      records: requests(1, 1),
    })
    const found = await comparisonOfResults(
      [
        { name: 'a', folders: [one] },
        { name: 'b', folders: [other] },
      ],
      { gated: [], margins: {}, allowed: [] },
    )
    expect(found.differences).toContainEqual({ key: 'load.ratePerS', values: ['10', '20'] })
    expect(found.comparable).toBe(false)
    expect(found.pairs[0]?.prompts).toEqual([])
  })

  test('leave out the port that falloff chose for an engine of its own', async () => {
    const started = (port: number, seqs: number) =>
      writeRun({
        profile: PROFILE,
        manifest: {
          target: { url: `http://127.0.0.1:${port}`, api: 'openai-chat', model: 'm' },
          launch: {
            kind: 'vllm',
            commandLine: `vllm serve m --port ${port} --max-num-seqs ${seqs}`,
            readyS: 1,
            phases: [],
            facts: {},
          },
        },
        records: requests(1, 1),
      })
    const sides = [
      { name: 'a', folders: [started(1001, 4)] },
      { name: 'b', folders: [started(1002, 32)] },
    ]
    const { differences } = await comparisonOfResults(sides, { gated: [], margins: {}, allowed: [] })
    expect(differences).toEqual([
      {
        key: 'launch',
        values: ['vllm serve m --port … --max-num-seqs 4', 'vllm serve m --port … --max-num-seqs 32'],
      },
    ])
  })
})
