import { beforeAll, describe, expect, test } from 'vitest'
import type { TuneManifest, TuneTrial } from '../../src/record/index.js'
import { renderTune } from '../../src/report/index.js'
import { killed, left, tuned, tuneInput, undecided } from './tune-fixture.js'

const PAGES = { tuned, killed, left, undecided }
type Name = keyof typeof PAGES

const ids = (page: string, tag: string): string[] =>
  [...page.matchAll(new RegExp(`<${tag} id="([^"]+)"`, 'g'))].map((m) => m[1] ?? '')

/** The text of a page with all markup taken away, as far as a reader would see it. */
const bare = (page: string): string =>
  page
    .replace(/<(style|script)[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')

const part = (page: string, id: string): string =>
  new RegExp(`<section id="${id}"[\\s\\S]*?</section>`).exec(page)?.[0] ?? ''

const verdict = (page: string): string =>
  bare(/<p class="verdict">[\s\S]*?<\/p>/.exec(page)?.[0] ?? '').trim()

const pageOf = (tune: TuneManifest): Promise<string> => renderTune(tuneInput(tune))

describe('the page about a search', () => {
  let pages: Record<Name, string>
  beforeAll(async () => {
    const made = await Promise.all(
      Object.entries(PAGES).map(async ([name, make]) => [name, await pageOf(make())] as const),
    )
    pages = Object.fromEntries(made) as Record<Name, string>
  }, 120_000)

  test('answers first, then what may be believed, then the evidence', () => {
    expect(ids(pages.tuned, 'section')).toEqual([
      ...['answer', 'validity', 'why', 'open', 'map-section', 'frontier', 'engine', 'capacity'],
      ...['search', 'starts', 'trials', 'environment', 'definitions', 'reproduce'],
    ])
    expect(ids(pages.tuned, 'figure')).toEqual([
      ...['map', 'frontier-ttft', 'frontier-chunkgap', 'engine-by-load', 'engine-over-time'],
      ...['capacity-1', 'capacity-2', 'search-course', 'starts-course'],
    ])
  })

  test.each<[Name, string]>([
    ['tuned', 'Set max-num-seqs to 48: 58 % more goodput.'],
    ['left', 'Leave it as it is: no setting that was varied can help.'],
    ['undecided', 'Leave it as it is: nothing was shown to be better.'],
    ['killed', 'The search is not finished.'],
  ])('says of a search that is %s: %s', (name, sentence) => {
    expect(verdict(pages[name])).toBe(sentence)
  })

  test('a gain that doubles is told as a factor, as everybody says it', async () => {
    const tune = tuned()
    if (!tune.result?.confirmation) throw new Error('the fixture has no confirmation')
    const ratio = { value: 2.146, low: 1.72, high: 2.68 }
    const result = { ...tune.result, confirmation: { ...tune.result.confirmation, ratio } }
    expect(verdict(await pageOf({ ...tune, result }))).toBe('Set max-num-seqs to 48: 2.15 times the goodput.')
  })

  test('gives the gain with its interval, the load with its margin, what limits it, and the flags to paste', () => {
    const answer = part(pages.tuned, 'answer')
    const words = bare(answer)
    expect(words).toContain('+58 % 95 % interval +43 % to +77 %; 4 pairs, each at the load it holds')
    expect(words).toContain('9.5 requests/s shown to pass; shown to fail at 10.9, 15 % above')
    expect(words).toContain('What limits it now: All 48 places of the batch are taken')
    expect(words).toContain('6 requests/s 5.96 requests/s; shown to pass 5, to fail 6.6')
    expect([...answer.matchAll(/<pre><code data-copy>([^<]*)</g)].map((m) => m[1]?.split('\n')[0])).toEqual([
      '--max-num-seqs 48',
      'services:',
      'vllm:',
    ])
  })

  test('claims no load as shown to pass that was not', async () => {
    const tune = tuned()
    const settings = tune.settings.map((s) => (s.held ? { ...s, held: { ...s.held, pass: null } } : s))
    const words = bare(part(await pageOf({ ...tune, settings }), 'answer'))
    expect(words).toContain('9.5 requests/s as far as was seen: no load could be shown to pass')
  })

  test('has every trial and every start that failed, with its cause and the way out', () => {
    const trials = part(pages.tuned, 'trials')
    for (const { id } of tuned().trials) expect(trials).toContain(`<th scope="row">${id}</th>`)
    const words = bare(trials)
    expect(words).toContain('max-num-seqs 512 : out-of-memory, after 21 s.')
    expect(words).toContain('Lower max-num-seqs, or gpu-memory-utilization.')
    expect(words).toContain('One more setting was thought of and not started.')
  })

  test('says what could not be told apart, and what it would cost', () => {
    expect(bare(part(pages.tuned, 'open'))).toContain('about 6 more pairs would tell, 38 min of engine time')
    const words = bare(part(pages.undecided, 'open'))
    expect(words).toContain(
      'after 4 pairs the interval takes in no change. About 7 more pairs would tell, 68.3 min',
    )
    expect(words).toContain('max-num-seqs 32, max-num-batched-tokens 2048 a load held above one that did not')
  })

  test('says beside the answer where the runs behind it are invalid, and why', async () => {
    const input = tuneInput()
    const words = { message: 'our sends were late', advice: 'Add workers.' }
    const finding = { code: 'late', severity: 'invalid', ...words, seen: 40, allowed: 5, unit: 'ms' } as const
    const validity = { verdict: 'INVALID', findings: [finding] } as const
    const runs = Object.fromEntries(Object.entries(input.runs).map(([id, run]) => [id, { ...run, validity }]))
    const page = await renderTune({ ...input, runs })
    expect(bare(part(page, 'answer'))).toContain('Not to be relied on: 8 runs behind it are invalid.')
    expect(bare(part(page, 'validity'))).toContain('invalid: Our sends were late. Add workers. In 8 runs.')
  })

  test('does not tell anyone to leave an engine as it is that the load generator never tried', async () => {
    const tune = left()
    if (tune.result === null) throw new Error('no result')
    const limitedBy = { cause: 'client', sentence: 'The load generator itself is the limit.' }
    const page = await pageOf({ ...tune, result: { ...tune.result, limitedBy } })
    expect(verdict(page)).toBe('Nothing can be said of the engine: the load generator was the limit.')
  })

  test('offers the flags of a setting that was not shown to be better only as something to try', () => {
    expect(bare(part(pages.undecided, 'answer'))).toContain('To try it all the same')
    expect(part(pages.left, 'answer')).not.toContain('<pre>')
  })

  test('of an unfinished search names who leads, and claims nothing', () => {
    const words = bare(part(pages.killed, 'answer'))
    expect(words).toContain('So far the default leads with 5.96 requests/s')
    expect(words).toContain('without proof')
    expect(words).not.toContain('Against the default')
  })

  test('leaves out what was not observed instead of drawing it as nothing', () => {
    expect(ids(pages.undecided, 'figure')).not.toContain('engine-by-load')
    expect(part(pages.left, 'validity')).toContain('NOT JUDGED')
    expect(part(pages.tuned, 'validity')).toContain('VALID WITH CAVEATS')
  })

  test('has a text alternative and a data table for every chart', () => {
    for (const page of Object.values(pages)) {
      const figures = page.match(/<figure[\s\S]*?<\/figure>/g) ?? []
      expect(figures.length).toBeGreaterThan(3)
      for (const figure of figures) {
        expect(figure).toMatch(/role="img" aria-label="[^"]{10,}"/)
        expect(figure).toMatch(/<details class="data">[\s\S]*<tbody><tr>/)
        expect(figure).not.toMatch(/NaN|Infinity|undefined/)
      }
    }
  })

  test('every id is unique and every link of the contents leads somewhere', () => {
    for (const page of Object.values(pages)) {
      const all = [...page.matchAll(/ id="([^"]+)"/g)].map((m) => m[1])
      expect(new Set(all).size).toBe(all.length)
      for (const [, target] of page.matchAll(/<li><a href="#([^"]+)"/g)) expect(all).toContain(target)
    }
  })

  test('is one file that asks for nothing, the same bytes every time, and holds its data', async () => {
    expect(pages.tuned).toBe(await pageOf(tuned()))
    expect(pages.tuned).not.toMatch(/<(?:link|img|iframe)\b|\bsrc=|url\(/)
    const json = /<script type="application\/json" id="findings">([\s\S]*?)<\/script>/.exec(pages.tuned)?.[1]
    expect(JSON.parse(json ?? '').tune.trials).toHaveLength(tuned().trials.length)
    expect(pages.tuned.length).toBeLessThan(1.5e6)
  })
})

describe('a search that did not get far', () => {
  const empty: TuneManifest = {
    ...killed(),
    settings: [],
    trials: [],
    rounds: [],
    diagnosis: null,
    engineS: 0,
  }

  test('before its first start there is a page that says so', async () => {
    const page = await pageOf(empty)
    expect(verdict(page)).toBe('The search is not finished.')
    expect(page).toContain('Nothing that was measured so far holds the objectives.')
  })

  test('with nothing but a failed start shows that start', async () => {
    const { settings } = tuned()
    const failing = settings.filter((s) => s.starts.some((x) => x.kind === 'failed'))
    const words = bare(await pageOf({ ...empty, settings: failing, engineS: 21, stopReason: 'no-start' }))
    expect(words).toContain('The search ended because the engine did not start.')
    expect(words).toContain('✗ did not start: out-of-memory')
    expect(words).toContain('None came up. 1 setting did not.')
  })

  test.each([
    ['interrupted', 'Interrupted before there was an answer.'],
    ['budget', 'The budget ended before there was an answer.'],
    ['no-start', 'The engine did not start.'],
  ] as const)('that ended without an answer says why: %s', async (stopReason, sentence) => {
    const { result } = tuned()
    if (result === null) throw new Error('no result')
    const none = { ...result, answer: 'no-answer', best: null, holds: null, confirmation: null } as const
    expect(verdict(await pageOf({ ...empty, stopReason, result: none }))).toBe(sentence)
  })

  test('whose trials have no figures is drawn without a warning', async () => {
    const blank = (t: TuneTrial): TuneTrial => ({
      ...t,
      run: null,
      figures: {
        ...t.figures,
        ...{ goodputPerS: 0, goodShare: 0, ttftP50Ms: null, ttftP99Ms: null, gapP99Ms: 0, tpotP99Ms: null },
        ...{ kvUsageMax: null, runningMax: null, waitingMean: null, preemptions: null },
      },
    })
    const tune = tuned()
    const page = await pageOf({ ...tune, trials: tune.trials.map(blank) })
    expect(ids(page, 'figure')).not.toContain('frontier-chunkgap')
    expect(ids(page, 'figure')).toContain('map')
  })
})

test('text from outside stays text', async () => {
  const evil = '</script><img src=x onerror=alert(1)>\u202E'
  const tune = tuned()
  const hurt: TuneManifest = {
    ...tune,
    name: evil,
    command: evil,
    engine: { ...tune.engine, model: evil },
    settings: tune.settings.map((s) => ({
      ...s,
      label: evil,
      values: { maxNumSeqs: evil },
      starts: s.starts.map((x) =>
        x.kind === 'failed' ? { ...x, message: evil, hint: evil, cause: evil } : x,
      ),
      out: s.out && { ...s.out, text: evil },
    })),
  }
  const page = await pageOf(hurt)
  expect(page).not.toContain('<img')
  expect(page).not.toContain('\u202E')
  expect(page).toContain('⟨U+202E⟩')
})
