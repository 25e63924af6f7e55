import { describe, expect, test } from 'vitest'
import type { TuneManifest } from '../../../src/record/index.js'
import { type Case, COMPUTE, SMALL, searched } from './cases.js'
import { virtualBench } from './virtual-bench.js'

/** What was measured, without what a clock or a counter says. */
const measured = ({ trials }: TuneManifest): readonly string[] =>
  trials.map((t) => `${t.setting} ${t.purpose} ${t.load.value} ${t.planned}`)

describe('a search in virtual time', () => {
  test('a batch limit that is far too low is named, raised, and the gain proven', async () => {
    const { manifest } = await searched(SMALL)
    const best = manifest.settings.find((s) => s.id === manifest.result?.best)
    expect(manifest.diagnosis?.cause).toBe('max-num-seqs')
    expect(Number(best?.given.maxNumSeqs)).toBeGreaterThanOrEqual(64)
    expect(manifest.result?.answer).toBe('change')
    expect(manifest.result?.confirmation?.ratio?.low).toBeGreaterThan(1.5)
    expect(manifest.result?.paste?.flags).toContain('--max-num-seqs')
  })

  test('what compute limits is left as it is, after the default alone', async () => {
    const { manifest, bench } = await searched(COMPUTE)
    expect(manifest.stopReason).toBe('nothing-helps')
    expect(manifest.diagnosis?.cause).toBe('compute')
    expect(manifest.result?.answer).toBe('leave-it')
    expect(manifest.result?.text).toMatch(/^Leave it as it is/)
    expect(bench.starts).toEqual([{}])
  })

  test('a confirmation is in turns, and both sides of a pair draw the same arrivals', async () => {
    const { bench } = await searched(SMALL)
    const legs = bench.asked.filter(({ ask }) => ask.repeat >= 100)
    const sides = legs.map(({ given, ask }) => `${Object.keys(given).length === 0 ? 'A' : 'B'}${ask.repeat}`)
    expect(sides.join(' ')).toBe('A100 B100 B101 A101 A102 B102 B103 A103')
  })

  test('whoever is called beaten failed at a load that the winner holds; the others are named, with the cost of finding out', async () => {
    let named = 0
    for (const seed of [1, 2, 3]) {
      const { settings, result } = (await searched(SMALL, { seed })).manifest
      const holds = settings.find((s) => s.id === result?.best)?.held?.holds ?? expect.fail('nothing holds')
      for (const { id, out, held } of settings.filter((s) => s.out?.reason === 'beaten')) {
        const untried = result?.notToldApart.find((s) => s.setting === id)
        expect((held?.fail ?? Number.POSITIVE_INFINITY) <= holds).toBe(untried === undefined)
        if (untried === undefined) continue
        named++
        expect(untried.text).toContain(`${out?.text}; at ${holds} requests/s, which`)
        expect(untried.text).toMatch(/it was not tried; the longest look would take some \d+ minutes more$/)
      }
    }
    expect(named).toBeGreaterThan(0)
  })

  test('a setting that does not start is written down with its cause, and the search goes on', async () => {
    const refusing: Case = { ...SMALL, vary: ['max-num-seqs=32,64', 'gpu-memory-utilization=0.5,0.9'] }
    const { manifest } = await searched(refusing, { plan: 'grid' })
    const failed = manifest.settings.filter((s) => s.starts.some((x) => x.kind === 'failed'))
    expect(failed.length).toBeGreaterThan(0)
    for (const { out, starts } of failed) {
      expect(out?.reason).toBe('no-start')
      expect(starts.at(-1)).toMatchObject({ kind: 'failed', cause: 'bad-flag' })
    }
    expect(manifest.result?.answer).toBe('change')
  })

  test('no engine is started twice for the trials of one setting in a row', async () => {
    const { manifest, bench } = await searched(SMALL, { plan: 'grid' })
    const searching = manifest.trials.filter((t) => t.purpose !== 'confirm')
    const blocks = searching.filter((t, i) => t.setting !== searching[i - 1]?.setting)
    const confirming = 5
    expect(bench.starts.length).toBe(blocks.length + confirming)
  })
})

describe('a search that was interrupted', () => {
  test.each([1, 12, 20])('after %i trials goes on, repeats none of them, and ends the same', async (n) => {
    const { manifest: whole } = await searched(SMALL)
    const ended = new AbortController()
    let saved: TuneManifest | undefined
    const first = await searched(SMALL, {
      signal: ended.signal,
      write(manifest) {
        saved = manifest
        if (manifest.trials.length === n) ended.abort()
      },
    })
    expect(first.manifest.stopReason).toBe('interrupted')
    expect(first.manifest.result?.answer).toBe('no-answer')
    const bench = virtualBench({ ...SMALL, seed: 1 })
    // The runs of the first session are on the disk; here their findings come from doing them over, unseen by the counters.
    const { manifest: second } = await searched(SMALL, {
      ...(saved && { before: saved }),
      bench: { ...bench, point: async (run) => (await first.bench.point(run)) ?? bench.point(run) },
    })
    expect(second.trials.slice(0, n)).toEqual(first.manifest.trials)
    expect(bench.asked.length).toBe(whole.trials.length - n)
    expect(measured(second)).toEqual(measured(whole))
    expect(second.result).toEqual(whole.result)
  })

  test('a finished one is answered from what is there, without an engine', async () => {
    const { manifest, bench: before } = await searched(SMALL)
    const bench = virtualBench({ ...SMALL, seed: 1 })
    const again = await searched(SMALL, { before: manifest, bench: { ...bench, point: before.point } })
    expect(bench.starts).toEqual([])
    expect(again.manifest.result).toEqual(manifest.result)
  })
})

describe('a budget', () => {
  test('is kept but for the trial under way, and what there is by then is answered', async () => {
    const budgetS = 2000
    const { manifest } = await searched(SMALL, { budgetS })
    const longest = Math.max(...manifest.trials.map((t) => t.seconds))
    expect(manifest.engineS).toBeLessThanOrEqual(budgetS + longest + 60)
    expect(manifest.stopReason).toBe('budget')
  })

  test('that ends among the pairs: those that are complete count', async () => {
    const { manifest: whole } = await searched(SMALL)
    const pairsFromS = whole.trials.find((t) => t.purpose === 'confirm')?.atS ?? expect.fail('no pairs')
    // Three tenths of it are the pairs': too little for all of them.
    const { manifest } = await searched(SMALL, { budgetS: 2 * (whole.engineS - pairsFromS) })
    const { confirmation, answer } = manifest.result ?? {}
    expect(confirmation?.pairs.length).toBeGreaterThanOrEqual(2)
    expect(confirmation?.pairs.length).toBeLessThan(4)
    expect(manifest.stopReason).toBe('budget')
    expect(answer).toBe((confirmation?.ratio?.low ?? 0) > 1 ? 'change' : 'not-told-apart')
  })

  test('is not spent on the default alone', async () => {
    const budgetS = 4000
    const { manifest } = await searched(SMALL, { budgetS })
    const own = manifest.trials.filter(
      (t) => t.setting === manifest.settings[0]?.id && t.purpose === 'diagnosis',
    )
    const longest = Math.max(...own.map((t) => t.seconds))
    expect(own.reduce((sum, t) => sum + t.seconds, 0)).toBeLessThanOrEqual((0.7 * budgetS) / 3 + longest)
    expect(manifest.settings.length).toBeGreaterThan(1)
  })
})

describe('other goals', () => {
  test('the least p99 at a rate is found by halving', async () => {
    const goal = { kind: 'p99', unit: 'ms', more: false, ratePerS: 2, metric: 'ttft' } as const
    const { manifest } = await searched(SMALL, { goal })
    const best = manifest.settings.find((s) => s.id === manifest.result?.best)
    expect(manifest.result?.answer).toBe('change')
    expect(manifest.result?.confirmation?.at).toBe('same-load')
    expect(manifest.result?.confirmation?.ratio?.high).toBeLessThan(0.5)
    expect(Number(best?.given.maxNumSeqs)).toBeGreaterThanOrEqual(32)
  })

  test('the least cost per token is the most tokens an hour', async () => {
    const goal = { kind: 'cost', unit: 'USD', more: false, usdPerEngineHour: 1.2 } as const
    const { manifest } = await searched(SMALL, { goal })
    const ratio = manifest.result?.confirmation?.ratio
    expect(manifest.result?.answer).toBe('change')
    expect(ratio?.high).toBeLessThan(0.7)
  })

  test('a closed loop is searched in requests in flight', async () => {
    const { manifest } = await searched({ ...SMALL, start: 8 }, { kind: 'closed' })
    const best = manifest.settings.find((s) => s.id === manifest.result?.best)
    expect(manifest.result?.holds?.load.kind).toBe('closed')
    expect(best?.held?.holds).toBeGreaterThan(16)
  })
})
