import { describe, expect, test } from 'vitest'
import { createRandom } from '../../src/base/index.js'
import type { HistoryLine } from '../../src/decide/history.js'
import { trendOf } from '../../src/decide/index.js'
import type { Figure, RunFigures } from '../../src/record/index.js'
import { renderTrend } from '../../src/report/index.js'
import { runOf } from '../decide/fixture.js'

const line = (
  i: number,
  figures: Record<string, number | 'endless' | Figure>,
  rest: Partial<RunFigures> = {},
): HistoryLine => ({
  ...runOf(figures, rest),
  run: `ci-${i}`,
  label: `c${i}`,
  startedAtUtc: new Date(Date.UTC(2026, 0, 1 + i)).toISOString(),
})

const KEYS = ['ttft.p99', 'outputTokensPerS', 'errorRate']
const render = (
  lines: readonly HistoryLine[],
  keys = KEYS,
  unread: readonly { line: number; why: string }[] = [],
) => renderTrend(trendOf('some/history.ndjson', { lines, unread }, keys), 'falloff test')

function course(n: number): HistoryLine[] {
  const random = createRandom(11, 'course')
  return Array.from({ length: n }, (_, i) => {
    const level = i < n / 2 ? 1 : 1.2
    const noise = 1 + 0.02 * random.normal()
    return line(i, { 'ttft.p99': 400 * level * noise, outputTokensPerS: (90 / level) * noise, errorRate: 0 })
  })
}

describe('The page of a trend', () => {
  test('answers first, and shows every figure with the values behind it', async () => {
    const html = await render([
      ...course(40),
      line(40, { 'ttft.p99': 900, outputTokensPerS: 75, errorRate: 0 }),
    ])
    expect(html).toContain(
      'Worse than its past: the newest value of 1 of 3 figures that can be judged is beyond',
    )
    expect(html.match(/<figure /g)).toHaveLength(3)
    expect(html).toContain('<td>change point: From 2026-01-21 00:00:00 UTC on (c20)')
    expect(html).toContain('is beyond its boundary on the bad side:')
  })

  test('asks for nothing from outside', async () => {
    const html = await render(course(12))
    expect(html).not.toMatch(/(?:src|href)="(?!#)/)
    expect(html).not.toMatch(/url\((?!#)/)
  })

  test('is the same each time', async () => {
    expect(await render(course(30))).toBe(await render(course(30)))
  })

  test('escapes what others wrote, and spells out what would hide', async () => {
    const html = await render(
      [
        line(
          0,
          { 'ttft.p99': 1 },
          { name: '<img src=x>\u202e', target: { ...runOf({}).target, model: '"><b>' } },
        ),
      ],
      ['ttft.p99'],
      [{ line: 3, why: '</script><i>' }],
    )
    expect(html).not.toContain('<img')
    expect(html).not.toContain('"><b>')
    expect(html).not.toContain('<i>')
    expect(html).toContain('⟨U+202E⟩')
  })

  test.each([
    ['one run', [line(0, { 'ttft.p99': 400 })]],
    ['nothing but zeros', Array.from({ length: 12 }, (_, i) => line(i, { 'ttft.p99': 0 }))],
    ['nothing but endless values', Array.from({ length: 12 }, (_, i) => line(i, { 'ttft.p99': 'endless' }))],
    ['values that never change', Array.from({ length: 12 }, (_, i) => line(i, { 'ttft.p99': 250 }))],
    [
      'another machine each time',
      Array.from({ length: 9 }, (_, i) =>
        line(i, { 'ttft.p99': 1 + i }, { place: null, workloadHash: `${i}` }),
      ),
    ],
    ['no run at all', []],
  ])('is drawn of %s', async (_, lines) => {
    expect(await render(lines, ['ttft.p99'])).toContain('</html>')
  })

  test('of 500 runs and three figures stays below 3 MB', async () => {
    expect(Buffer.byteLength(await render(course(500)))).toBeLessThan(3e6)
  })
})
