import { beforeAll, describe, expect, test } from 'vitest'
import type { ComparisonFindings, MetricComparison } from '../../../src/analyse/index.js'
import { renderComparison } from '../../../src/report/index.js'
import { sweepInput } from '../fixtures.js'
import { comparison, pairRecipe, refusedRecipe, singleRecipe, sweepRecipe, twentyRecipe } from './fixture.js'

const ids = (page: string, tag: string): string[] =>
  [...page.matchAll(new RegExp(`<${tag} id="([^"]+)"`, 'g'))].map((m) => m[1] ?? '')

/** The text of a page as far as a reader would see it. */
const bare = (page: string): string =>
  page
    .replace(/<(style|script)[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')

const section = (page: string, id: string): string =>
  page.split(`<section id="${id}"`)[1]?.split('<section id="')[0] ?? ''

/** Of a table, by its caption: each row as the plain values that a CSV gets, else as the text shown. */
function rowsOf(markup: string, caption: string): string[][] {
  const table = (markup.match(/<table>[\s\S]*?<\/table>/g) ?? []).find((t) => bare(t).includes(caption)) ?? ''
  const body = /<tbody>([\s\S]*)<\/tbody>/.exec(table)?.[1] ?? ''
  return (body.match(/<tr>[\s\S]*?<\/tr>/g) ?? []).map((row) =>
    [...row.matchAll(/<t[hd]([^>]*)>([\s\S]*?)<\/t[hd]>/g)].map(
      ([, attributes = '', shown = '']) => /data-v="([^"]*)"/.exec(attributes)?.[1] ?? bare(shown).trim(),
    ),
  )
}

const gated = ({ pairs }: ComparisonFindings, pair = 0): readonly MetricComparison[] =>
  pairs[pair]?.metrics.filter((m) => m.gated) ?? []

describe('the page of a comparison', () => {
  const findings = {
    pair: comparison(pairRecipe),
    sweep: comparison(sweepRecipe),
    single: comparison(singleRecipe),
    refused: comparison(refusedRecipe),
  }
  const pages: Record<string, string> = {}
  beforeAll(async () => {
    for (const [name, found] of Object.entries(findings)) pages[name] = await renderComparison(found)
  }, 60_000)

  test('answers first, then says whether it can be trusted, then shows why', () => {
    expect(ids(pages.pair ?? '', 'section')).toEqual([
      'answer',
      'trust',
      'effects',
      'spread',
      'prompts',
      'requests',
      'beside',
      'differences',
      'runs',
      'definitions',
      'reproduce',
    ])
    expect(ids(pages.pair ?? '', 'figure')).toEqual([
      'order',
      'effects-key',
      'effects-all',
      'spread-ttft',
      'spread-e2e',
      'spread-tpot',
      'spread-chunkGap',
      'prompt-pairs',
      'failures-by-kind',
      'share-errorRate',
    ])
    expect(ids(pages.sweep ?? '', 'figure')).toContain('sweeps')
  })

  test('says in words who is better, by how much and how sure', () => {
    const answer = bare(section(pages.pair ?? '', 'answer'))
    expect(answer).toContain('vllm-0.11 is better than vllm-0.10 in tokens/s, and worse in failures.')
    expect(answer).toContain('5 runs of each, measured in turn')
    expect(answer).toContain('intervals at 95 %')
    for (const m of gated(findings.pair)) expect(answer).toContain(m.verdict.replace('-', ' '))
  })

  test('every number of the verdict table is that of the findings', () => {
    const rows = rowsOf(section(pages.pair ?? '', 'answer'), 'Verdicts on the gated figures')
    const metrics = gated(findings.pair)
    expect(metrics.length).toBeGreaterThan(3)
    expect(rows).toHaveLength(metrics.length)
    for (const [i, m] of metrics.entries()) {
      const [, verdict, ...numbers] = rows[i] ?? []
      expect(verdict).toBe(m.verdict)
      expect(numbers.map(Number)).toEqual([m.centreA, m.centreB, m.effect?.value, m.margin, m.pHolm])
    }
  })

  test('every number of the matrix of several sides is that of the findings', () => {
    const rows = rowsOf(section(pages.sweep ?? '', 'answer'), 'Every side against')
    const shown = gated(findings.sweep).filter((m) => m.at === 'concurrency=16')
    expect(shown.length).toBeGreaterThan(3)
    for (const [i, pair] of findings.sweep.pairs.entries()) {
      const [name, answer, ...effects] = rows[i + 1] ?? []
      expect([name, answer]).toEqual([pair.b, pair.answer])
      const expected = shown.map(({ key, at }) => pair.metrics.find((m) => m.key === key && m.at === at))
      expect(effects.map(Number)).toEqual(expected.map((m) => m?.effect?.value))
    }
  })

  test('shows every run as a dot, and every run by its folder and verdict', () => {
    const forest = /<figure id="effects-key"[\s\S]*?<\/figure>/.exec(pages.pair ?? '')?.[0] ?? ''
    const [wide = ''] = forest.match(/<svg[\s\S]*?<\/svg>/) ?? []
    const runs = gated(findings.pair).reduce((sum, m) => sum + m.a.length + m.b.length, 0)
    expect(wide.match(/opacity="0\.75"/g)).toHaveLength(runs)
    const rows = rowsOf(section(pages.pair ?? '', 'runs'), 'Every run')
    expect(rows.map(([folder]) => folder)).toEqual(
      findings.pair.sides.flatMap((side) => side.runs.map(({ run }) => run)),
    )
    expect(rows[1]?.[3]).toBe('VALID WITH CAVEATS')
  })

  test('gives one run a side no verdict, and says why', () => {
    const answer = bare(section(pages.single ?? '', 'answer'))
    expect(answer).toContain('one run each, so no verdict')
    expect(answer).not.toMatch(/[✓✗] (?:better|worse)/)
    expect(bare(section(pages.single ?? '', 'trust'))).toContain('few-runs')
  })

  test('where something refuses the comparison says so before any figure, and gives no verdict', () => {
    const answer = bare(section(pages.refused ?? '', 'answer'))
    expect(answer).toContain('vllm-0.10 and vllm-0.11 cannot be compared.')
    expect(answer.indexOf('workload')).toBeLessThan(answer.indexOf('TTFT p50'))
    expect(answer).toContain('no verdict')
    expect(answer).not.toMatch(/[✓✗=?] (?:better|worse|equivalent|not shown)/)
  })

  test('names the sides that cannot be compared and still judges the others', async () => {
    const page = await renderComparison(comparison({ ...sweepRecipe, allowed: [], runs: 3 }))
    const answer = bare(section(page, 'answer'))
    expect(answer).toContain('max-num-seqs 128 is better and max-num-seqs 256 is not comparable')
    expect(answer).toContain('mistral-7b-v0.3')
  })

  test('sets API and self-hosted side by side: both clocks, connecting, failures, price and limit', () => {
    const rows = new Map(
      rowsOf(section(pages.pair ?? '', 'beside'), 'Geometric means').map(([k, ...v]) => [k, v]),
    )
    const [a, b] = findings.pair.sides
    const centre = gated(findings.pair).find((m) => m.key === 'ttft.p50')
    expect(rows.get('TTFT from send, p50')?.map(Number)).toEqual([
      expect.closeTo(centre?.centreA ?? 0, 9),
      expect.closeTo(centre?.centreB ?? 0, 9),
    ])
    expect(rows.get('TTFT from schedule, p99')).toHaveLength(2)
    expect(rows.get('Connecting: TLS')).toEqual(['', String(b?.connect?.tlsMs)])
    expect(rows.get('Price of a request, USD')?.map(Number)).toEqual([
      a?.cost?.usdPerRequest,
      b?.cost?.usdPerRequest,
    ])
    expect(rows.get('Refused by a rate limit')).toEqual(['', '3'])
    expect(rows.get('The limit allows at most')?.[1]).toBe('10 requests/s, 1,500 tokens/s')
  })

  test('has a text alternative and a data table for every chart, unique ids, and links that lead somewhere', () => {
    for (const page of Object.values(pages)) {
      for (const figure of page.match(/<figure[\s\S]*?<\/figure>/g) ?? []) {
        expect(figure).toMatch(/role="img" aria-label="[^"]{10,}"/)
        expect(figure).toMatch(/<details class="data">[\s\S]*<tbody><tr>/)
      }
      const all = [...page.matchAll(/ id="([^"]+)"/g)].map((m) => m[1])
      expect(new Set(all).size).toBe(all.length)
      for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(all).toContain(target)
    }
  })

  test('is byte-identical for the same input', async () => {
    expect(await renderComparison(comparison(pairRecipe))).toBe(pages.pair)
    expect(await renderComparison(comparison(sweepRecipe))).toBe(pages.sweep)
  }, 30_000)

  test('embeds its findings for other programs, without prompts', () => {
    const [, json = ''] =
      /<script type="application\/json" id="findings">([\s\S]*?)<\/script>/.exec(pages.pair ?? '') ?? []
    const read = JSON.parse(json) as ComparisonFindings
    expect(read.pairs[0]?.answer).toBe('mixed')
    expect(read.pairs[0]?.metrics).toHaveLength(findings.pair.pairs[0]?.metrics.length ?? 0)
    expect(read.pairs[0]?.prompts).toEqual([])
  })

  test('with the results themselves also says what each found alone, and lays them over each other', async () => {
    const results = ['max-num-seqs 32', 'max-num-seqs 128'].flatMap((name) =>
      sweepInput().results.map((r) => ({ ...r, name })),
    )
    const page = await renderComparison(findings.sweep, { results })
    expect(ids(page, 'section')).toEqual(
      expect.arrayContaining(['each', 'validity', 'falloff', 'throughput', 'cause', 'environment']),
    )
    expect(bare(section(page, 'each'))).toContain('max-num-seqs 128 : Throughput falls off at 26')
  })
})

test('a result of another tool that tells neither when, nor where, nor what model is shown as such', async () => {
  const found = comparison(singleRecipe)
  const [first, second] = found.sides
  if (first === undefined || second === undefined) throw new Error('expected two sides')
  const runs = second.runs.map((run) => ({
    ...run,
    startedAtUtc: '',
    place: null,
    workloadHash: null,
    target: {
      ...run.target,
      url: '',
      model: '',
      engine: null,
      version: null,
      transport: null,
      tokenSource: null,
    },
  }))
  const page = await renderComparison({ ...found, sides: [first, { ...second, runs }] })
  expect(ids(page, 'figure')).not.toContain('order')
  const [row] = rowsOf(section(page, 'runs'), 'Every run').slice(-1)
  expect(row?.filter((cell) => cell === 'not told')).toHaveLength(4)
  expect(rowsOf(section(page, 'beside'), 'Geometric means').find(([name]) => name === 'Target')?.[2]).toBe(
    'not told',
  )
})

describe('twenty results', () => {
  test.each(['run', 'sweep'] as const)(
    'as %ss stay under 3 MB, each side has a row in every forest, and a panel of its own',
    async (unit) => {
      const page = await renderComparison(comparison({ ...twentyRecipe(unit), runs: 5 }))
      expect(Buffer.byteLength(page)).toBeLessThan(3e6)
      const [wide = ''] =
        /<figure id="effects-1"[\s\S]*?<\/figure>/.exec(page)?.[0].match(/<svg[\s\S]*?<\/svg>/) ?? []
      for (let i = 1; i < 20; i++) expect(wide).toContain(`>build-${1200 + i}<`)
      expect(rowsOf(section(page, 'answer'), 'Every side against')).toHaveLength(20)
      expect(ids(page, 'figure')).toContain(unit === 'run' ? 'shift-ttft' : 'sweeps')
    },
    60_000,
  )
})

describe('hostile names', () => {
  const EVIL = '</script><img src=x onerror=alert(1)>"\'\u202Egnp.exe\u0000'

  test('stay text everywhere: in the page, in the charts, in the embedded data', async () => {
    const found = comparison({
      ...pairRecipe,
      name: EVIL,
      sides: [
        { name: EVIL, model: EVIL },
        { name: `${EVIL} b`, model: EVIL, slow: 1.4, failing: 0.03 },
      ],
    })
    const page = await renderComparison({
      ...found,
      command: EVIL,
      differences: [{ key: EVIL, values: [EVIL, EVIL] }],
      checks: [{ code: 'place', severity: 'label', allowed: false, text: EVIL, advice: EVIL }],
    })
    expect(page).not.toMatch(/<img/)
    expect(page).not.toContain('\u202E')
    expect(page).not.toContain('\u0000')
    expect(page.match(/<script\b/g)).toHaveLength(2)
    expect(page.match(/<\/script>/g)).toHaveLength(2)
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;')
  })
})
