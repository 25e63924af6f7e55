import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compactJson } from '../../src/decide/compact.js'
import {
  addToHistory,
  listBaselines,
  readBaseline,
  readHistory,
  saveBaseline,
} from '../../src/decide/index.js'
import { runOf } from './fixture.js'

const freshFolder = (): string => mkdtempSync(join(tmpdir(), 'falloff-decide-'))

const baselineOf = (name: string) => ({
  format: 1 as const,
  kind: 'baseline' as const,
  name,
  savedAtUtc: '2026-11-21T14:30:05.000Z',
  tool: 'falloff 0.1.0',
  runs: [runOf({ 'ttft.p99': 412.34567891, errorRate: 0 })],
})

describe('JSON that is compact', () => {
  test('holds what it was made of, whatever its texts are', () => {
    const text = fc.oneof(fc.string(), fc.constantFrom('{\n', '[\n', '\n}', ' }', '[ ]', '\\n{', '"\n"'))
    const value = fc.letrec<{ any: unknown }>((tie) => ({
      any: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        text,
        fc.integer(),
        fc.constant(null),
        fc.array(tie('any'), { maxLength: 4 }),
        fc.dictionary(text, tie('any'), { maxKeys: 4, noNullPrototype: true }),
      ),
    })).any
    fc.assert(
      fc.property(value, (v) => {
        expect(JSON.parse(compactJson(v))).toEqual(v)
      }),
    )
  })

  test('puts each figure on a line of its own', () => {
    const lines = compactJson({ a: { value: 1, low: 0.5, high: 2 }, b: { value: 2, low: 1, high: 3 } }).split(
      '\n',
    )
    expect(lines.filter((line) => line.includes('value'))).toHaveLength(2)
  })
})

describe('A baseline', () => {
  test('is read back as it was saved, to six digits', () => {
    const folder = freshFolder()
    saveBaseline(baselineOf('main'), folder)
    const { runs, name } = readBaseline('main', folder, '--baseline')
    expect(name).toBe('main')
    expect(runs[0]?.points[0]?.figures['ttft.p99']?.value).toBe(412.346)
    expect(readBaseline(join(folder, 'main.json'), 'elsewhere', '--baseline').name).toBe('main')
  })

  test('is one line of difference for a figure that changed', () => {
    const folder = freshFolder()
    const path = saveBaseline(baselineOf('main'), folder)
    const before = readFileSync(path, 'utf8').split('\n')
    saveBaseline({ ...baselineOf('main'), runs: [runOf({ 'ttft.p99': 500, errorRate: 0 })] }, folder)
    const after = readFileSync(path, 'utf8').split('\n')
    expect(after.filter((line, i) => line !== before[i])).toHaveLength(1)
  })

  test('that does not exist is named with the one that was likely meant', () => {
    const folder = freshFolder()
    expect(() => readBaseline('main', folder, '--baseline')).toThrow(/no baseline "main"; there are none in/)
    saveBaseline(baselineOf('main'), folder)
    expect(() => readBaseline('mian', folder, '--baseline')).toThrow(/did you mean "main"\?/)
  })

  test.each(['../main', 'a b', '', '.hidden', 'a/b'])('cannot be saved as "%s"', (name) => {
    expect(() => saveBaseline(baselineOf(name), freshFolder())).toThrow(/expected letters/)
  })

  test.each([
    ['{"format":1', /is no baseline: /],
    ['{"format":2,"kind":"baseline","runs":[]}', /of this format/],
    ['{"format":1,"kind":"baseline","runs":[]}', /of this format/],
    ['null', /of this format/],
  ])('that is %s is refused', (text, message) => {
    const folder = freshFolder()
    writeFileSync(join(folder, 'main.json'), text)
    expect(() => readBaseline('main', folder, '--baseline')).toThrow(message)
    expect(() => listBaselines(folder)).toThrow(message)
  })
})

describe('A history', () => {
  const run = (name: string, day: number) =>
    runOf(
      { 'ttft.p99': 400 + day },
      { run: name, startedAtUtc: `2026-11-${String(day).padStart(2, '0')}T00:00:00Z` },
    )

  test('holds each run once, in the order of their starts', () => {
    const path = join(freshFolder(), 'deep', 'history.ndjson')
    expect(addToHistory(path, [run('b', 2), run('a', 1)], 'c0ffee')).toBe(2)
    expect(addToHistory(path, [run('b', 2), run('c', 3)], null)).toBe(1)
    const { lines, unread } = readHistory(path)
    expect(lines.map((line) => [line.run, line.label])).toEqual([
      ['a', 'c0ffee'],
      ['b', 'c0ffee'],
      ['c', null],
    ])
    expect(unread).toEqual([])
  })

  test('is appended to only: what stands in it stays, byte by byte', () => {
    const path = join(freshFolder(), 'history.ndjson')
    addToHistory(path, [run('a', 1)], null)
    const before = readFileSync(path, 'utf8')
    addToHistory(path, [run('b', 2)], null)
    expect(readFileSync(path, 'utf8').startsWith(before)).toBe(true)
  })

  test('whose last line was cut off anywhere is read up to it, told, and goes on after it', () => {
    const path = join(freshFolder(), 'history.ndjson')
    addToHistory(path, [run('a', 1), run('b', 2)], null)
    const whole = readFileSync(path, 'utf8')
    const first = whole.indexOf('\n') + 1
    fc.assert(
      fc.property(fc.integer({ min: first + 1, max: whole.length - 2 }), (cut) => {
        writeFileSync(path, whole.slice(0, cut))
        expect(readHistory(path)).toMatchObject({
          lines: [{ run: 'a' }],
          unread: [{ line: 2, why: 'is cut off' }],
        })
        addToHistory(path, [run('c', 3)], null)
        const { lines, unread } = readHistory(path)
        expect(lines.map((line) => line.run)).toEqual(['a', 'c'])
        expect(unread).toHaveLength(1)
      }),
    )
  })

  test('with lines of another kind tells their numbers', () => {
    const path = join(freshFolder(), 'history.ndjson')
    writeFileSync(path, '{"kind":"other"}\n\nnull\n[1]\n')
    addToHistory(path, [run('a', 1)], null)
    appendFileSync(path, '\n')
    const { lines, unread } = readHistory(path)
    expect(lines).toHaveLength(1)
    expect(unread.map(({ line }) => line)).toEqual([1, 3, 4])
  })

  test('that does not exist is an error that says how one is begun', () => {
    expect(() => readHistory(join(freshFolder(), 'none.ndjson'))).toThrow(/cannot be read/)
  })
})
