import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Engine, StepResult } from '../../src/simulate/engine.js'
import type { SchedulerSettings } from '../../src/simulate/scheduler.js'
import type { EngineRequest } from '../../src/simulate/sequence.js'
import { engineOf, requestOf, runToEnd } from './helpers.js'

interface Planned {
  readonly request: EngineRequest
  /** Step before which it is added, and aborted if ever. */
  readonly addAt: number
  readonly abortAt: number | undefined
}

const BLOCK = 4
const CONTEXT = 32

const settings: fc.Arbitrary<Partial<SchedulerSettings>> = fc.record({
  numGpuBlocks: fc.integer({ min: CONTEXT / BLOCK + 1, max: 24 }),
  maxNumSeqs: fc.integer({ min: 1, max: 8 }),
  maxNumBatchedTokens: fc.integer({ min: 8, max: 40 }),
  enablePrefixCaching: fc.boolean(),
  longPrefillTokenThreshold: fc.constantFrom(0, 3, 8),
  reserveFullInput: fc.boolean(),
  watermark: fc.constantFrom(0, 0.1),
})

/** Prompts mostly of one token value, so that prefixes are shared often. */
const plan: fc.Arbitrary<Planned[]> = fc
  .array(
    fc.record({
      prompt: fc.array(fc.constantFrom(1, 1, 1, 1, 1, 1, 1, 1, 2), { minLength: 1, maxLength: CONTEXT - 2 }),
      output: fc.integer({ min: 1, max: 24 }),
      addAt: fc.integer({ min: 0, max: 30 }),
      abortAt: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined, freq: 4 }),
    }),
    { minLength: 1, maxLength: 14 },
  )
  .map((all) =>
    all
      .sort((a, b) => a.addAt - b.addAt)
      .map(({ prompt, output, addAt, abortAt }, i) => ({
        request: requestOf(`r${i}`, prompt, output),
        addAt,
        abortAt,
      })),
  )

/** Drives the plan to its end, one call of `check` per step. */
function drive(engine: Engine, planned: readonly Planned[], check: (step: StepResult) => void): void {
  const last = Math.max(...planned.map((p) => Math.max(p.addAt, p.abortAt ?? 0)))
  for (let step = 0; step <= last || engine.hasWork; step++) {
    if (step > 5000) throw new Error('the engine makes no progress')
    for (const p of planned) if (p.addAt === step) engine.add(p.request, step)
    for (const p of planned) if (p.abortAt === step) engine.abort(p.request.id)
    const result = engine.step(step * 1e6)
    if (result) check(result)
  }
}

test('blocks are conserved: every block is free or held by exactly the running requests that refer to it', () => {
  fc.assert(
    fc.property(settings, plan, (chosen, planned) => {
      const engine = engineOf(chosen)
      const { blocks, running } = engine.scheduler
      drive(engine, planned, () => {
        const held = new Map<number, number>()
        for (const s of running) for (const b of s.blocks) held.set(b, (held.get(b) ?? 0) + 1)
        expect(held.size + blocks.free).toBe(blocks.usable)
        expect(
          [...blocks.references()].map((n, block) => n - (held.get(block) ?? 0)).filter((d) => d !== 0),
        ).toEqual([])
        expect(blocks.freeOrder().filter((block) => held.has(block))).toEqual([])
        expect(engine.usage).toBeCloseTo(held.size / blocks.usable, 12)
      })
      expect(blocks.free).toBe(blocks.usable)
    }),
  )
})

test('no token is lost, repeated or reordered, however often a request is preempted', () => {
  let preemptions = 0
  fc.assert(
    fc.property(settings, plan, (chosen, planned) => {
      const engine = engineOf(chosen)
      const got = new Map<string, number[]>(planned.map((p) => [p.request.id, []]))
      drive(engine, planned, (step) => {
        preemptions += step.preempted.length
        for (const { id, index, token } of step.emitted) {
          expect(index).toBe(got.get(id)?.length)
          got.get(id)?.push(token)
        }
      })
      for (const { request, abortAt } of planned) {
        const asked = Math.min(request.outputTokens, CONTEXT - request.prompt.length)
        const tokens = got.get(request.id) ?? []
        if (abortAt === undefined) expect(tokens).toHaveLength(asked)
        expect(tokens).toEqual(tokens.map((_, index) => request.tokenAt(index)))
      }
    }),
  )
  // Not vacuous: the plans above do run out of blocks.
  expect(preemptions).toBeGreaterThan(20)
})

test('requests are first admitted in order of arrival, within the budget and the limit of running requests', () => {
  fc.assert(
    fc.property(settings, plan, (chosen, planned) => {
      const engine = engineOf(chosen)
      const admitted: string[] = []
      drive(engine, planned, (step) => {
        for (const id of step.admitted) if (!admitted.includes(id)) admitted.push(id)
        expect(step.scheduledTokens).toBeLessThanOrEqual(chosen.maxNumBatchedTokens ?? 0)
        expect(engine.running).toBeLessThanOrEqual(chosen.maxNumSeqs ?? 0)
        if (step.preempted.length > 0) expect(step.admitted).toEqual([])
      })
      const arrived = planned.map((p) => p.request.id)
      expect(admitted).toEqual(arrived.filter((id) => admitted.includes(id)))
    }),
  )
})

test('requests share a block only where all their tokens up to its end are the same', () => {
  let shared = 0
  fc.assert(
    fc.property(settings, plan, (chosen, planned) => {
      const engine = engineOf({ ...chosen, enablePrefixCaching: true })
      drive(engine, planned, () => {
        const content = new Map<number, string>()
        for (const s of engine.scheduler.running) {
          const text = Array.from({ length: s.tokens }, (_, i) => s.tokenAt(i))
          for (const [i, block] of s.blocks.entries()) {
            const upTo = text.slice(0, (i + 1) * BLOCK).join()
            if (content.has(block)) shared++
            expect(content.get(block) ?? upTo).toBe(upTo)
            content.set(block, upTo)
          }
        }
      })
    }),
  )
  expect(shared).toBeGreaterThan(100)
})

test('with room for everything, hits are what a search through all earlier texts would find', () => {
  const prompts = fc.array(fc.array(fc.integer({ min: 1, max: 2 }), { minLength: 1, maxLength: 20 }), {
    minLength: 1,
    maxLength: 12,
  })
  fc.assert(
    fc.property(prompts, (all) => {
      const engine = engineOf({ enablePrefixCaching: true, numGpuBlocks: 500 })
      const earlier: string[] = []
      let hits = 0
      for (const [i, prompt] of all.entries()) {
        const request = requestOf(`r${i}`, prompt, 3)
        let hit = 0
        while (
          hit + BLOCK < prompt.length &&
          earlier.some((e) => e.startsWith(`${prompt.slice(0, hit + BLOCK).join()},`))
        )
          hit += BLOCK
        hits += hit
        engine.add(request, 0)
        runToEnd(engine)
        // The KV of the very last token is never computed.
        const computed = [...prompt, request.tokenAt(0), request.tokenAt(1)]
        earlier.push(`${computed.slice(0, computed.length - (computed.length % BLOCK)).join()},`)
        expect(engine.stats.prefixHits).toBe(hits)
      }
    }),
  )
})
