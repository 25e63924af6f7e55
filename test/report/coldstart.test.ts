import { describe, expect, test } from 'vitest'
import { coldFigures } from '../../src/analyse/coldstart.js'
import { coldStartText } from '../../src/cli/coldstart-text.js'
import { renderColdStart } from '../../src/report/coldstart.js'
import { coldReport, coldStartOf } from './coldstart-fixture.js'

describe('the page of cold starts', () => {
  test('is the same, byte for byte, for the same result', async () => {
    expect(await renderColdStart(coldReport())).toBe(await renderColdStart(coldReport()))
  })

  test('shows a bar for every phase of every start, with its name and its time', async () => {
    const page = await renderColdStart(coldReport())
    for (const start of [1, 2, 3]) {
      for (const phase of [
        'process',
        'imports',
        'weights',
        'profiling',
        'compile, graphs',
        'KV cache',
        'serving',
      ])
        expect(page).toContain(`start ${start}, ${phase}: `)
      expect(page).toContain(`start ${start}, first request: 250 ms`)
    }
  })

  test('has a section for everything that was measured, and none for what was not', async () => {
    const ids = (html: string) => [...html.matchAll(/<section id="([\w-]+)"/g)].map(([, id]) => id)
    const all = ['answer', 'phases', 'arrivals', 'scale-out', 'cost', 'environment']
    expect(ids(await renderColdStart(coldReport()))).toEqual(all)
    const little = coldReport({ scaleOut: null, costs: null, starts: [coldStartOf(1, { requests: [] })] })
    expect(ids(await renderColdStart(little))).toEqual(['answer', 'phases', 'environment'])
  })

  test('can be drawn of nothing, of one start that says nothing of itself, and of one that failed to settle', async () => {
    const none = coldReport({ starts: [], figures: null, scaleOut: null, costs: null })
    expect(await renderColdStart(none)).toContain('No start came to its first token.')
    const bare = coldStartOf(1, { portOpenNs: null, steady: null, arrivals: null, cache: null })
    expect(await renderColdStart(coldReport({ starts: [bare] }))).toContain('one start')
  })

  test('carries the whole result for other programs', async () => {
    const page = await renderColdStart(coldReport())
    const [, json = ''] = /<script type="application\/json" id="findings">(.*?)<\/script>/s.exec(page) ?? []
    expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(coldReport())))
  })

  test('shows what an engine says as text, never as markup', async () => {
    const nasty = '<img src=x onerror=alert(1)>'
    const page = await renderColdStart(
      coldReport({
        engine: { kind: 'vllm', commandLine: nasty, version: nasty },
        failedStarts: [{ number: 1, message: nasty }],
      }),
    )
    expect(page).not.toContain('<img')
  })
})

describe('the text of cold starts', () => {
  const text = (over: Parameters<typeof coldReport>[0] = {}) => coldStartText(coldReport(over), 100)

  test('gives the phases, the whole, and what becomes of requests', () => {
    const lines = text().split('\n')
    expect(lines[0]).toBe('Cold start of vllm 0.32.0')
    const row = (name: string) =>
      lines
        .find((line) => line.startsWith(name))
        ?.trim()
        .split(/ {2,}/)
    // 8 s of imports, 1, 1.1 and 1.3 times: t(2) = 4.303 and a scatter of 1.2220 s make ± 3.04 s.
    expect(row('imports')).toEqual([
      'imports',
      '9.07 s',
      '6.03 s to 12.1 s',
      '8.8 s',
      '8 s',
      '10.4 s',
      '50.9 %',
      '–',
    ])
    expect(row('weights')?.at(-1)).toBe('1,790')
    expect(row('whole')?.slice(0, 2)).toEqual(['whole', '17.8 s'])
    expect(text()).toContain('retries: none')
    expect(text()).toContain('Start 4 failed: vLLM did not start: it ended with code 1')
  })

  test('keeps to its width but for tables and commands', () => {
    const prose = text()
      .split('\n')
      .filter((line) => /^(Of|They|From the|One|Both|Note|Steady)/.test(line))
    expect(prose.length).toBeGreaterThan(4)
    for (const line of prose) if (!line.includes('   ')) expect(line.length).toBeLessThanOrEqual(100)
  })

  test.each([
    ['without prices', { costs: null }, /warm/],
    ['without a second replica', { scaleOut: null }, /Scale-out/],
    [
      'without requests meanwhile',
      { load: { words: '4 in flight', duringStart: false, retry: 'none' } },
      /nobody listened/,
    ],
  ])('is silent on what was not measured: %s', (_, over, pattern) => {
    expect(text()).toMatch(pattern)
    expect(text(over)).not.toMatch(pattern)
  })

  test('an interval never reaches below nothing', () => {
    const starts = [coldStartOf(0.1), coldStartOf(3)]
    const figures = coldFigures(starts)
    expect(figures?.healthyNs.low).toBeLessThan(0)
    expect(coldStartText(coldReport({ starts, figures }), 100)).not.toMatch(/-\d|−\d/)
  })
})
