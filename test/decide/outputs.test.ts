import { execFileSync, spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type GateReport,
  renderAnnotations,
  renderGates,
  renderJunit,
  renderMarkdown,
} from '../../src/decide/index.js'

type Finding = GateReport['gates'][number]

const finding = (rest: Partial<Finding>): Finding => ({
  gate: 'ttft.p99 < 500ms',
  kind: 'limit',
  source: 'flag',
  key: 'ttft.p99',
  at: 'run',
  outcome: 'pass',
  limit: 500,
  value: 412,
  low: 390,
  high: 450,
  interval: 'one run',
  runs: 1,
  text: 'It is 412 ms.',
  ...rest,
})

const reportOf = (gates: readonly Finding[], rest: Partial<GateReport> = {}): GateReport => ({
  format: 1,
  kind: 'gates',
  tool: 'falloff 0.1.0',
  outcome: 'fail',
  exitCode: 3,
  mode: 'strict',
  inconclusive: 'pass',
  results: [
    {
      run: 'chat-1',
      name: 'chat',
      startedAtUtc: '2026-11-21T14:30:05.123Z',
      validity: { verdict: 'VALID', codes: [] },
    },
  ],
  baseline: null,
  notes: [],
  gates,
  ...rest,
})

const ALL = (['pass', 'fail', 'regression', 'inconclusive', 'invalid'] as const).map((outcome) =>
  finding({ outcome, gate: `ttft.p99 < 500ms (${outcome})` }),
)

/** Reads XML with Python's own parser, which shares nothing with the writer. */
const PARSE = `
import sys, json, xml.etree.ElementTree as e
def plain(n): return {"tag": n.tag, "attributes": n.attrib, "text": n.text or "", "children": [plain(c) for c in n]}
print(json.dumps([plain(e.fromstring(x)) for x in json.load(sys.stdin)]))
`
const hasPython = spawnSync('python3', ['--version']).status === 0

interface Element {
  readonly tag: string
  readonly attributes: Readonly<Record<string, string>>
  readonly text: string
  readonly children: readonly Element[]
}

const parsed = (documents: readonly string[]): Element[] =>
  JSON.parse(
    execFileSync('python3', ['-c', PARSE], {
      input: JSON.stringify(documents),
      maxBuffer: 2 ** 28,
    }).toString(),
  ) as Element[]

describe('JUnit XML', () => {
  test('has one case for each gate, counted by what became of it', () => {
    const xml = renderJunit(reportOf(ALL))
    expect(xml).toContain('tests="5" failures="2" errors="1" skipped="1"')
    expect(xml).toContain('timestamp="2026-11-21T14:30:05"')
    expect(renderJunit(reportOf(ALL, { inconclusive: 'fail' }))).toContain(
      'failures="3" errors="1" skipped="0"',
    )
  })

  test.runIf(hasPython)('is read back by another parser as it was meant', () => {
    const [root] = parsed([renderJunit(reportOf(ALL))])
    const suite = root?.children[0]
    expect(suite?.attributes).toMatchObject({ name: 'falloff gates', tests: '5', failures: '2' })
    expect(suite?.children.map((c) => [c.attributes.name, c.children[0]?.tag])).toEqual([
      ['ttft.p99 < 500ms (pass)', 'system-out'],
      ['ttft.p99 < 500ms (fail)', 'failure'],
      ['ttft.p99 < 500ms (regression)', 'failure'],
      ['ttft.p99 < 500ms (inconclusive)', 'skipped'],
      ['ttft.p99 < 500ms (invalid)', 'error'],
    ])
  })

  test.runIf(hasPython)('holds any text that XML can, and is well formed with any other', () => {
    const texts = fc.sample(fc.string({ unit: 'binary', maxLength: 40 }), { numRuns: 300, seed: 7 })
    const nasty = ['<![CDATA[ ]]>', '&#0;', '"\'<>&', '\u0000\u0008\uFFFE\uD800', 'a\tb\r\nc', ']]>', '--']
    const all = [...texts, ...nasty]
    const documents = all.map((text) =>
      renderJunit(reportOf([finding({ gate: text, text, outcome: 'fail' })])),
    )
    const read = parsed(documents).map((root) => root.children[0]?.children[0])
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
    const impossible = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Cs}/gu
    const kept = all.map((text) => text.replace(impossible, '\uFFFD'))
    expect(read.map((c) => c?.attributes.name)).toEqual(kept)
    expect(read.map((c) => c?.children[0]?.attributes.message)).toEqual(kept)
  })
})

describe('Annotations', () => {
  test('are errors for what fails and a warning for what is open', () => {
    const lines = renderAnnotations(reportOf(ALL)).trimEnd().split('\n')
    expect(lines.map((line) => line.slice(2, line.indexOf(' ')))).toEqual([
      'error',
      'error',
      'warning',
      'error',
    ])
    expect(renderAnnotations(reportOf(ALL, { inconclusive: 'fail' }))).not.toContain('::warning')
  })

  test('are one line each, and no text ends one early or begins another', () => {
    const gates = [
      finding({ outcome: 'fail', gate: 'a,b:c%\n::error::x', text: '50 % of\r\n::error::injected' }),
    ]
    expect(renderAnnotations(reportOf(gates))).toBe(
      '::error title=falloff%3A a%2Cb%3Ac%25%0A%3A%3Aerror%3A%3Ax::50 %25 of%0D%0A::error::injected\n',
    )
  })
})

describe('Markdown', () => {
  test('is a table with one row for each gate, whatever the texts hold', () => {
    const texts = fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 5 })
    fc.assert(
      fc.property(texts, (all) => {
        const rows = renderMarkdown(
          reportOf(all.map((text) => finding({ gate: text, text, outcome: 'fail' }))),
        )
          .split('\n')
          .filter((line) => line.startsWith('| **FAIL**'))
        expect(rows).toHaveLength(all.length)
        // Cells are parted by bars that are not escaped: four of them.
        for (const row of rows) expect(row.replace(/\\./g, '').match(/\|/g)).toHaveLength(4)
      }),
    )
  })
})

test('The text begins with the answer and names every gate', () => {
  const text = renderGates(reportOf(ALL, { notes: ['Measured apart.'] }))
  expect(text.split('\n')[0]).toBe(
    '5 gates: 1 invalid, 1 fails, 1 regression, 1 inconclusive, 1 passes; strict, 1 result',
  )
  for (const { gate } of ALL) expect(text).toContain(gate)
  expect(text).toContain('note  Measured apart.')
})

test('The text lets no name of a server move the cursor', () => {
  const text = renderGates(reportOf(ALL, { notes: ['model \u001b[2J\u202e and\r\n'] }))
  expect(text).toContain('note  model \uFFFD[2J\uFFFD and\uFFFD\uFFFD')
})
