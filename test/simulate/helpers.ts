import type { Engine, StepResult } from '../../src/simulate/engine.js'
import { Engine as EngineMachine } from '../../src/simulate/engine.js'
import type { SchedulerSettings } from '../../src/simulate/scheduler.js'
import type { EngineRequest } from '../../src/simulate/sequence.js'

/** Small enough to work out by hand: blocks of 4 tokens, 9 of them usable, 16 tokens a step, no prefix cache. */
const SMALL: SchedulerSettings = {
  numGpuBlocks: 10,
  blockSize: 4,
  maxNumSeqs: 8,
  maxNumBatchedTokens: 16,
  maxModelLen: 32,
  enablePrefixCaching: false,
  longPrefillTokenThreshold: 0,
  reserveFullInput: true,
  watermark: 0,
}

/** An engine whose every step takes 1 ms. */
export const engineOf = (settings: Partial<SchedulerSettings> = {}): Engine =>
  new EngineMachine({ ...SMALL, ...settings }, () => 1e6)

/** A request with a prompt of `prompt` tokens that no other request shares, or of exactly the given tokens. */
export function requestOf(
  id: string,
  prompt: number | readonly number[],
  outputTokens: number,
): EngineRequest {
  const base = [...id].reduce((sum, c) => sum * 131 + c.charCodeAt(0), 7) % 1e6
  const tokens = typeof prompt === 'number' ? Array.from({ length: prompt }, (_, i) => base * 64 + i) : prompt
  return {
    id,
    prompt: Int32Array.from(tokens),
    outputTokens,
    finish: 'length',
    tokenAt: (index) => base * 64 + 40 + index,
    salt: 0,
    arrivalNs: 0,
  }
}

/** Steps until nothing is left to do, each step at the end of the one before. */
export function runToEnd(engine: Engine, onStep: (step: StepResult) => void = () => {}): StepResult[] {
  const steps: StepResult[] = []
  for (let nowNs = 0; engine.hasWork; ) {
    const step = engine.step(nowNs)
    if (step === undefined || steps.length > 100_000) throw new Error('the engine makes no progress')
    nowNs += step.durationNs
    steps.push(step)
    onStep(step)
  }
  return steps
}

/** `a0 b1`: who emitted which token, in order. */
export const emissions = (step: StepResult): string =>
  step.emitted.map(({ id, index }) => `${id}${index}`).join(' ')
