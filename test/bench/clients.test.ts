import { expect, test } from 'vitest'
import { type Row, tablesText } from '../../bench/clients/tables.mjs'

const heard = {
  completed: 2000,
  ttftMs: { p50: 794.04, p99: 1220 },
  gapMs: 0.012,
  durationS: 8,
  doubts: ['late', 'short'],
}
const ROWS: readonly Row[] = [
  {
    name: 'one',
    roleChunk: 'alone',
    installed: true,
    cells: [
      {
        streams: 1,
        heard: { ...heard, completed: 5, doubts: [] },
        truth: { ttftsMs: [200, 201], gapMs: 20 },
      },
      { streams: 1000, heard, truth: { ttftsMs: [203, 202], gapMs: 20.01 } },
    ],
  },
  {
    name: 'two',
    roleChunk: 'with-first',
    installed: true,
    cells: [{ streams: 1 }, { streams: 1000, heard, truth: { ttftsMs: [204], gapMs: 20.05 } }],
  },
  { name: 'three', roleChunk: 'alone', installed: false, cells: [] },
]

const tableUnder = (title: string): string =>
  tablesText(ROWS, [1, 1000]).split(`### ${title}\n\n`)[1]?.split('\n\n')[0] ?? ''

test('each client stands beside the truth of all runs with as many streams', () => {
  expect(tableUnder('TTFT p50 / p99, ms')).toBe(`| client | 1 stream | 1,000 |
|---|---|---|
| **truth**, by the emitter’s log | 200.0 / 201.0 | 203.0 / 204.0 |
| one | 794.0 / 1,220.0 | 794.0 / 1,220.0 |
| two, role chunk left out | failed | 794.0 / 1,220.0 |
| three | not installed | not installed |`)
})

test('each client’s error is against the truth of its own run', () => {
  expect(
    tableUnder('TTFT p50 / p99 minus those of the truth in the same run, ms'),
  ).toBe(`| client | 1 stream | 1,000 |
|---|---|---|
| one | +594.0 / +1,019.0 | +592.0 / +1,017.0 |
| two, role chunk left out | failed | +590.0 / +1,016.0 |
| three | not installed | not installed |`)
})

test('the true gap is the middle of the runs’, and short gaps are not rounded away', () => {
  const lines = tableUnder('Median gap between two events, ms').split('\n')
  expect(lines).toContain('| **truth**, by the emitter’s log | 20.00 | 20.03 |')
  expect(lines).toContain('| one | 0.01 | 0.01 |')
})

test('events are counted by the client’s own clock, and above them stands what a closed loop can bring', () => {
  // A stream of 200 ms and 99 gaps of 20 ms brings 100 events in 2.18 s.
  const lines = tableUnder('Events/s delivered').split('\n')
  expect(lines).toContain('| **truth**, at most | 45.9 | 45,870 |')
  expect(lines).toContain('| one | 62.5 | 25,000 |')
})

test('what a client says against itself is told, and so is silence', () => {
  const lines = tableUnder('What they say against their own figures').split('\n')
  expect(lines).toContain('| one | nothing | late; short |')
})
