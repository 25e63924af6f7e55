import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findingsSchema } from '../../src/analyse/findings.js'
import { findingsOf, findingsOfRun, findingsOfSweep, summaryJsonSchema } from '../../src/analyse/index.js'
import { closedLoop, MS, recordOf, tempFolder, writeRun } from './run-folder.js'

const LOADS = [1, 2, 4, 8, 16]

/** Above eight in flight the gap between tokens grows with the load: throughput stands still. */
const slowAbove8 =
  (slots: number): typeof recordOf =>
  (index, sentMs, ttftMs, gapMs, tokens) =>
    recordOf(index, sentMs, ttftMs * Math.max(1, slots / 8), gapMs * Math.max(1, slots / 8), tokens)

function writeSweep(options: { confirm?: boolean; maxNumSeqs?: number } = {}): string {
  const folder = tempFolder()
  for (const load of LOADS) {
    writeRun(
      {
        profile: { load: { kind: 'closed', concurrency: load }, limits: { requests: 100 * load } },
        manifest: {
          point: { label: `concurrency=${load}`, axes: { concurrency: load } },
          target: {
            url: 'u',
            api: 'openai-chat',
            model: 'm',
            ...(options.maxNumSeqs === undefined ? {} : { maxNumSeqs: options.maxNumSeqs }),
          },
        },
        records: closedLoop(load, 100 * load, load, slowAbove8(load)),
      },
      join(folder, `c${load}`),
    )
  }
  const experiment = {
    format: 1,
    kind: 'sweep',
    name: 's',
    command: '',
    startedAtUtc: '',
    dimensions: ['concurrency'],
    runs: ['c16', 'c1', 'c2', 'never-started', 'c8', 'c4'],
    ...(options.confirm ? { confirmation: 'again' } : {}),
  }
  writeFileSync(join(folder, 'experiment.json'), JSON.stringify(experiment))
  return folder
}

describe('findings of a sweep', () => {
  test('come in the order of load, know the knee, and pass their own schema', async () => {
    const findings = await findingsOfSweep(writeSweep())
    expect(findings.points.map((p) => p.setting.axes.concurrency)).toEqual(LOADS)
    expect(findings.falloff?.knee?.at).toBeGreaterThan(6)
    expect(findings.falloff?.knee?.at).toBeLessThan(10)
    expect(findingsSchema.parse(JSON.parse(JSON.stringify(findings)))).toEqual(findings)
    expect(findings.validity.findings.find((f) => f.code === 'few-samples')?.message).toMatch(
      /^concurrency=1: .* other point/,
    )
  })

  test('of the same folder are the same to the byte', async () => {
    const folder = writeSweep()
    expect(JSON.stringify(await findingsOf(folder))).toBe(JSON.stringify(await findingsOf(folder)))
  })

  test('with a confirmation say what is kept at twice the knee', async () => {
    const folder = writeSweep({ confirm: true })
    const again = writeSweep({ maxNumSeqs: 8 })
    writeFileSync(
      join(folder, 'experiment.json'),
      JSON.stringify({
        format: 1,
        kind: 'sweep',
        name: 's',
        command: '',
        startedAtUtc: '',
        dimensions: ['concurrency'],
        runs: LOADS.map((l) => `c${l}`),
        confirmation: again.replace(tmpdir(), '..'),
      }),
    )
    const { confirmation, falloff, points } = await findingsOfSweep(folder)
    expect(confirmation).toMatchObject({ setting: 'max_num_seqs', value: 8, retainedAtTwiceKnee: { at: 16 } })
    const peak = Math.max(...points.map((p) => p.throughput.outputTokensPerS))
    expect(falloff?.peak?.outputTokensPerS).toBe(peak)
    expect(confirmation?.retainedAtTwiceKnee?.share).toBeCloseTo(
      (points.at(-1)?.throughput.outputTokensPerS ?? 0) / peak,
      9,
    )
  })

  test('of a single run pass the schema too', async () => {
    const folder = writeRun({
      profile: { load: { kind: 'closed', concurrency: 4 }, limits: { requests: 300 } },
      records: closedLoop(4, 300),
    })
    const findings = await findingsOfRun(folder)
    expect(findings).toMatchObject({ kind: 'run', tool: 'falloff 0.0.0', falloff: null, dimensions: [] })
    expect(findingsSchema.safeParse(findings).success).toBe(true)
    expect(await findingsOf(folder)).toEqual(findings)
  })
})

test('the JSON Schema requires what the types require', () => {
  const schema = summaryJsonSchema() as {
    required: string[]
    properties: { points: { items: { required: string[] } } }
  }
  expect(schema.required).toEqual(expect.arrayContaining(['points', 'falloff', 'validity', 'confirmation']))
  expect(schema.properties.points.items.required).toContain('heldTokens')
  expect(JSON.stringify(schema)).not.toContain('readOnly')
})

test('one hundred thousand chunk gaps keep their exact tail', async () => {
  const records = Array.from({ length: 500 }, (_, i) => {
    const r = recordOf(i, i * 50, 50, 1, 201)
    return {
      ...r,
      chunks: r.chunks.map((v, k) =>
        k > 0 && k % 2 === 0 ? (1 + ((i * 200 + k / 2) % 100_003) / 1000) * MS : v,
      ),
    }
  })
  const point = (
    await findingsOfRun(
      writeRun({ profile: { load: { kind: 'constant', ratePerS: 20 }, limits: { requests: 500 } }, records }),
    )
  ).points[0]
  const n = point?.metrics.chunkGap.n ?? 0
  expect(n).toBeGreaterThan(50_000)
  const rows = records.slice(500 - n / 200)
  const sorted = rows.flatMap((r) => r.chunks.filter((_, k) => k % 2 === 0).slice(1)).sort((a, b) => a - b)
  expect(point?.metrics.chunkGap.p999?.value).toBeCloseTo((sorted[Math.ceil(0.999 * n) - 1] ?? 0) / MS, 9)
})
