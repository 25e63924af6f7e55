import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../../src/base/index.js'
import { profileSchema } from '../../src/profile/schema.js'
import {
  createWorkload,
  learnLexicon,
  readDataset,
  readTrace,
  type Workload,
} from '../../src/workload/index.js'

/** A toy tokenizer: a word costs one token per started four letters, a chat prompt seven more. */
const toyCount = (text: string): number =>
  7 + (text.match(/\S+/g) ?? []).reduce((sum, word) => sum + Math.ceil(word.length / 4), 0)
const lexicon = await learnLexicon('server', async (text) => toyCount(text))

const workloadOf = (workload: object, salt = 's', requests = 50, seeds = {}): Workload =>
  createWorkload({ profile: profileSchema.parse({ workload, seeds }), lexicon, salt, requests })

const textOf = (w: Workload, i: number): string =>
  w
    .session(i)
    .turns[0]?.messages.map((m) => m.content)
    .join('') ?? ''

test('the lexicon prices every word as the tokenizer does', () => {
  expect(lexicon.baseTokens).toBe(toyCount('Text:'))
  expect(lexicon.words.length).toBeGreaterThan(20)
  for (const word of lexicon.words) expect(word.tokens).toBe(Math.ceil(word.text.length / 4))
})

test('prompts have exactly the asked number of tokens', () => {
  fc.assert(
    fc.property(fc.integer({ min: 12, max: 3000 }), fc.integer({ min: 0, max: 1000 }), (tokens, i) => {
      const w = workloadOf({ inputTokens: tokens }, 's', 1001)
      expect(toyCount(textOf(w, i))).toBe(tokens)
      expect(w.session(i).turns[0]?.inputTokens).toBe(tokens)
    }),
  )
})

test('the same seeds make the same prompts, whoever asks and in whatever order', () => {
  const spec = { inputTokens: { lognormal: { median: 80, sigma: 0.5 } }, outputTokens: { uniform: [5, 90] } }
  const a = workloadOf(spec)
  const b = workloadOf(spec)
  const forward = Array.from({ length: 50 }, (_, i) => a.session(i))
  const backward = Array.from({ length: 50 }, (_, i) => b.session(49 - i)).reverse()
  expect(backward).toEqual(forward)
})

test('each seed changes its own dimension and no other', () => {
  const spec = { inputTokens: { uniform: [20, 200] }, outputTokens: { uniform: [5, 90] } }
  const lengths = (seeds: object, dimension: 'inputTokens' | 'outputTokens') => {
    const w = workloadOf(spec, 's', 50, seeds)
    return Array.from({ length: 50 }, (_, i) => w.session(i).turns[0]?.[dimension])
  }
  expect(lengths({ outputLengths: 99 }, 'inputTokens')).toEqual(lengths({}, 'inputTokens'))
  expect(lengths({ outputLengths: 99 }, 'outputTokens')).not.toEqual(lengths({}, 'outputTokens'))
  expect(lengths({ prompts: 99 }, 'inputTokens')).toEqual(lengths({}, 'inputTokens'))
})

test('no two prompts share more than a few words at their beginning, within a run or between salts', () => {
  const prompts = ['a', 'b'].flatMap((salt) =>
    Array.from({ length: 200 }, (_, i) => textOf(workloadOf({ inputTokens: 100 }, salt, 200), i)),
  )
  const heads = prompts.map((p) => p.split(' ').slice(0, 14).join(' '))
  expect(new Set(heads).size).toBe(prompts.length)
})

test('a shared prefix is shared by its share of the requests, and by its group', () => {
  const w = workloadOf({ inputTokens: 200, prefix: { share: 0.5, tokens: 60, groups: 2 } }, 's', 400)
  const heads = Array.from({ length: 400 }, (_, i) => textOf(w, i).split(' ').slice(0, 40).join(' '))
  const counts = [...new Set(heads)]
    .map((head) => heads.filter((h) => h === head).length)
    .filter((n) => n > 1)
  expect(counts).toHaveLength(2)
  expect(Math.abs(counts.reduce((a, b) => a + b, 0) - 200)).toBeLessThan(50)
})

test('a conversation numbers its turns through, and the plan holds exactly the requests asked for', () => {
  const w = workloadOf({ conversation: { turns: { uniform: [2, 5] }, thinkTimeS: 1.5 } }, 's', 47)
  const turns = Array.from({ length: w.sessions }, (_, s) => w.session(s).turns).flat()
  expect(turns.map((t) => t.index)).toEqual(Array.from({ length: 47 }, (_, i) => i))
  expect(turns.filter((t) => t.turn === 0).every((t) => t.thinkTimeNs === 0)).toBe(true)
  expect(turns.filter((t) => t.turn !== 0).every((t) => t.thinkTimeNs === 1.5e9)).toBe(true)
})

const folder = mkdtempSync(join(tmpdir(), 'falloff-data-'))
const file = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

describe('traces', () => {
  test('Azure: dates with seven decimals, in order of arrival, from zero', () => {
    const path = file(
      'azure.csv',
      'TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:04.0319600,100,20\n2023-11-16 18:17:03.9799600,4808,10\n',
    )
    const rows = readTrace(path, 'auto', 1)
    expect(rows.map((r) => [r.inputTokens, r.outputTokens])).toEqual([
      [4808, 10],
      [100, 20],
    ])
    expect(rows[1]?.arrivalNs).toBeCloseTo(52e6, -3)
  })
  test('BurstGPT: seconds; failed requests (no response tokens) are left out', () => {
    const path = file(
      'burst.csv',
      'Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n5,ChatGPT,472,18,490,Conversation log\n45,ChatGPT,1087,0,1087,Conversation log\n118,GPT-4,417,276,693,API log\n',
    )
    expect(readTrace(path, 'auto', 2)).toEqual([
      { arrivalNs: 0, inputTokens: 472, outputTokens: 18 },
      { arrivalNs: 56.5e9, inputTokens: 417, outputTokens: 276 },
    ])
  })
  test('Mooncake: equal hash ids become equal text, so that prefixes are shared as in the trace', () => {
    const path = file(
      'mooncake.jsonl',
      '{"timestamp": 0, "input_length": 1500, "output_length": 5, "hash_ids": [1, 2, 3]}\n{"timestamp": 3000, "input_length": 1100, "output_length": 7, "hash_ids": [1, 2, 9]}\n',
    )
    const trace = readTrace(path, 'auto', 1)
    expect(trace[1]?.arrivalNs).toBe(3e9)
    const w = createWorkload({ profile: profileSchema.parse({}), lexicon, salt: 's', requests: 2, trace })
    const [a, b] = [textOf(w, 0), textOf(w, 1)]
    let shared = 0
    while (shared < b.length && a[shared] === b[shared]) shared++
    expect(Math.abs(toyCount(b.slice(0, shared)) - 7 - 1024)).toBeLessThan(12)
    expect(toyCount(a)).toBe(1500)
  })
  test('faulty lines are named together', () => {
    const path = file('bad.jsonl', '{"timestamp": 0}\nnonsense\n')
    expect(() => readTrace(path, 'mooncake', 1)).toThrow(/bad\.jsonl:1.*\n.*bad\.jsonl:2/)
  })
})

describe('datasets', () => {
  test('JSONL with prompts and messages', () => {
    const path = file(
      'd.jsonl',
      '{"prompt": "hi", "max_tokens": 5}\n{"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]}\n',
    )
    const rows = readDataset(path, 'auto')
    expect(rows[0]).toEqual({ messages: [{ role: 'user', content: 'hi' }], outputTokens: 5 })
    expect(rows[1]?.messages).toHaveLength(2)
  })
  test('ShareGPT: the first human turn, and the length of its answer', () => {
    const path = file(
      's.json',
      JSON.stringify([
        {
          conversations: [
            { from: 'human', value: 'Why?' },
            { from: 'gpt', value: 'x'.repeat(40) },
          ],
        },
      ]),
    )
    expect(readDataset(path, 'auto')).toEqual([
      { messages: [{ role: 'user', content: 'Why?' }], outputTokens: 10 },
    ])
  })
  test('a file without prompts, and faulty lines, are usage errors', () => {
    expect(() => readDataset(file('empty.jsonl', '\n'), 'auto')).toThrow(UsageError)
    expect(() => readDataset(file('wrong.jsonl', '{"text": 1}\n'), 'auto')).toThrow(/wrong\.jsonl:1/)
  })
})
