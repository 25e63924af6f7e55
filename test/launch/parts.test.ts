import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { commandLineOf } from '../../src/launch/command-line.js'
import { wholeStart } from '../../src/launch/phases.js'
import { watchGpuMemory } from '../../src/launch/places/local/gpu-memory.js'
import { START_PHASES, type StartPhase } from '../../src/record/index.js'

const told = fc
  .tuple(
    fc.array(fc.tuple(fc.constantFrom(...START_PHASES), fc.double({ min: 0, max: 50, noNaN: true })), {
      maxLength: 8,
    }),
    fc.double({ min: 0, max: 50, noNaN: true }),
  )
  .map(([steps, fromS]): StartPhase[] => {
    let atS = fromS
    return steps.map(([name, forS]) => {
      const phase = { name, fromS: atS, toS: atS + forS }
      atS = phase.toS
      return phase
    })
  })

test('whatever the log tells, the phases of a start lie end to end from its command until it is ready', () => {
  fc.assert(
    fc.property(told, fc.double({ min: 0.001, max: 200, noNaN: true }), (phases, readyS) => {
      const whole = wholeStart(phases, readyS)
      expect(whole[0]?.fromS).toBe(0)
      expect(whole.at(-1)?.toS).toBe(readyS)
      for (const [i, phase] of whole.slice(1).entries()) expect(phase.fromS).toBe(whole[i]?.toS)
    }),
  )
})

test('a start whose log tells nothing is one phase', () => {
  expect(wholeStart([], 3)).toEqual([{ name: 'process', fromS: 0, toS: 3 }])
})

test.each([
  { words: ['vllm', 'serve', '/models/a-b_c.d', '--x=1'], line: 'vllm serve /models/a-b_c.d --x=1' },
  { words: ['a', 'b c', '{"d": 1}', '$HOME'], line: `a 'b c' '{"d": 1}' '$HOME'` },
  { words: ['it', "isn't", ''], line: `it 'isn'\\''t' ''` },
])('$line can be pasted into a shell', ({ words, line }) => {
  expect(commandLineOf(words)).toBe(line)
})

describe('memory of the GPUs', () => {
  afterEach(() => vi.unstubAllEnvs())

  /** A nvidia-smi that tells the next of these each time it is asked. */
  function pretend(answers: readonly string[]): void {
    const folder = mkdtempSync(join(tmpdir(), 'falloff-smi-'))
    for (const [i, answer] of answers.entries()) writeFileSync(join(folder, `${i}`), answer)
    const tool = join(folder, 'nvidia-smi')
    writeFileSync(
      tool,
      `#!/bin/sh\ncd ${folder}; n=$(cat n 2>/dev/null || echo 0); echo $((n + 1)) > n; cat $n\n`,
    )
    chmodSync(tool, 0o755)
    vi.stubEnv('PATH', `${folder}:${process.env.PATH}`)
  }

  test('is waited for until it is back to what it was', async () => {
    pretend(['500\n400\n', '70000\n70000\n', '600\n500\n', 'never asked'])
    const memory = await watchGpuMemory()
    expect(await memory.untilReleased()).toBeUndefined()
  })

  test('is not waited for where it cannot be told', async () => {
    pretend(['[N/A]\n'])
    const memory = await watchGpuMemory()
    expect(await memory.untilReleased()).toBeUndefined()
  })
})
