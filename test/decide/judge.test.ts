import { describe, expect, test } from 'vitest'
import { createRandom, EXIT } from '../../src/base/index.js'
import { type Gate, judgeGates, parseGate } from '../../src/decide/index.js'
import type { FigureValue, RunFigures } from '../../src/record/index.js'
import { pointOf, runOf } from './fixture.js'

const gate = (text: string): Gate => {
  const parsed = parseGate(text)
  if (typeof parsed === 'string') throw new Error(parsed)
  return parsed
}

interface Options {
  readonly mode?: 'strict' | 'lenient'
  readonly inconclusive?: 'pass' | 'fail'
  readonly baseline?: readonly RunFigures[]
  readonly allowed?: readonly string[]
}

const judge = (
  gates: string | readonly string[],
  runs: readonly RunFigures[],
  { mode = 'strict', inconclusive = 'pass', baseline, allowed = [] }: Options = {},
) =>
  judgeGates({
    gates: [gates].flat().map(gate),
    runs,
    baseline: baseline ? { name: 'main', runs: baseline } : null,
    mode,
    inconclusive,
    allowed,
    tool: 'falloff test',
  })

const ttft = (value: FigureValue, low: FigureValue | null, high: FigureValue | null): RunFigures =>
  runOf({ 'ttft.p99': { value, low, high } })

describe('One run against a limit', () => {
  test.each([
    // value, low, high, gate, strict, lenient
    ['keeps it with its whole interval', ttft(400, 380, 450), 'ttft.p99 < 500 ms', 'pass', 'pass'],
    ['keeps it by its estimate alone', ttft(400, 380, 550), 'ttft.p99 < 500 ms', 'inconclusive', 'pass'],
    ['has no upper bound', ttft(400, 380, null), 'ttft.p99 < 500 ms', 'inconclusive', 'pass'],
    ['misses it by its estimate', ttft(510, 480, 550), 'ttft.p99 < 500 ms', 'fail', 'fail'],
    ['misses it with its whole interval', ttft(600, 550, 700), 'ttft.p99 < 500 ms', 'fail', 'fail'],
    [
      'has a quantile among what failed',
      ttft('endless', 480, 'endless'),
      'ttft.p99 < 500 ms',
      'fail',
      'fail',
    ],
    ['may fail at the upper bound', ttft(400, 380, 'endless'), 'ttft.p99 < 500 ms', 'inconclusive', 'pass'],
    ['is at the limit that it may reach', ttft(500, 500, 500), 'ttft.p99 <= 500 ms', 'pass', 'pass'],
    ['is at the limit that it must stay below', ttft(500, 500, 500), 'ttft.p99 < 500 ms', 'fail', 'fail'],
    ['must be above, and is', ttft(600, 550, 700), 'ttft.p99 > 500 ms', 'pass', 'pass'],
    ['must be above, and may not be', ttft(600, 450, 700), 'ttft.p99 > 500 ms', 'inconclusive', 'pass'],
    ['does not hold the figure', runOf({}), 'ttft.p99 < 500 ms', 'invalid', 'invalid'],
  ] as const)('that %s', (_, run, text, strict, lenient) => {
    expect(judge(text, [run]).gates[0]).toMatchObject({ outcome: strict, interval: expect.any(String) })
    expect(judge(text, [run], { mode: 'lenient' }).gates[0]?.outcome).toBe(lenient)
  })

  test('says that its interval is of one run', () => {
    const { gates } = judge('ttft.p99 < 500 ms', [ttft(400, 380, 450)])
    expect(gates[0]).toMatchObject({ interval: 'one run', runs: 1 })
    expect(gates[0]?.text).toBe(
      'Time to first token p99 is 400 ms (95 %: 380 ms to 450 ms, within one run): it keeps < 500 ms.',
    )
  })

  test('decides nothing when it is INVALID, whatever its figures', () => {
    const invalid = runOf(
      { 'ttft.p99': 400 },
      { validity: { verdict: 'INVALID', codes: ['generator-late'] } },
    )
    const report = judge('ttft.p99 < 500 ms', [invalid])
    expect(report).toMatchObject({ outcome: 'invalid', exitCode: EXIT.invalid })
    expect(report.gates[0]?.text).toContain('is INVALID (generator-late)')
  })
})

describe('Several runs against a limit', () => {
  const runs = (...values: readonly FigureValue[]): RunFigures[] =>
    values.map((value) => runOf({ 'ttft.p99': value }))

  test('speak by how much they differ: a t interval of their logarithms', () => {
    // Logarithms 5.991465, 6.016157, 5.966147; mean 5.991256, standard deviation 0.025006; t(0.975, 2) = 4.302653.
    const [found] = judge('ttft.p99 < 500 ms', runs(400, 410, 390)).gates
    const half = (4.302653 * 0.0250057) / Math.sqrt(3)
    expect(found).toMatchObject({ interval: 'runs', runs: 3, outcome: 'pass' })
    expect(found?.value).toBeCloseTo(Math.exp(5.991256), 1)
    expect(found?.low).toBeCloseTo(Math.exp(5.991256 - half), 1)
    expect(found?.high).toBeCloseTo(Math.exp(5.991256 + half), 1)
  })

  test('that scatter show less than one of them alone would', () => {
    expect(judge('ttft.p99 < 500 ms', runs(400, 480, 330)).outcome).toBe('inconclusive')
    expect(judge('ttft.p99 < 500 ms', runs(400)).outcome).toBe('pass')
  })

  test('fail where one of them never answered', () => {
    expect(judge('ttft.p99 < 500 ms', runs(400, 'endless', 390)).gates[0]).toMatchObject({
      outcome: 'fail',
      value: 'endless',
    })
  })

  test('are invalid where only some hold the figure', () => {
    const report = judge('ttft.p99 < 500 ms', [...runs(400), runOf({})])
    expect(report.gates[0]).toMatchObject({ outcome: 'invalid', runs: 1 })
    expect(report.gates[0]?.text).toContain('1 of 2 runs only')
  })

  test('that all saw no failure do not prove that there is none', () => {
    const clean = (judged: number): RunFigures[] =>
      [1, 2, 3].map(() => runOf({ errorRate: { value: 0, low: 0, high: 0.1 } }, { judged }))
    // Wilson's upper bound of 0 in 90 is 4.1 %, of 0 in 3,000 it is 0.13 %.
    expect(judge('errorRate < 1 %', clean(30)).gates[0]).toMatchObject({ outcome: 'inconclusive', value: 0 })
    expect(judge('errorRate < 1 %', clean(30)).gates[0]?.high).toBeCloseTo(0.0409, 4)
    expect(judge('errorRate < 1 %', clean(1000)).outcome).toBe('pass')
  })
})

describe('A sweep', () => {
  const sweep = runOf(
    {},
    {
      unit: 'sweep',
      points: [pointOf('concurrency=1', { 'ttft.p99': 100 }), pointOf('concurrency=8', { 'ttft.p99': 700 })],
      overall: { kneeAt: { value: 6, low: 5, high: 7 } },
    },
  )

  test.each([
    ['ttft.p99 at concurrency=1 < 500 ms', 'pass', 'concurrency=1'],
    ['ttft.p99 at concurrency=8 < 500 ms', 'fail', 'concurrency=8'],
    // without a point, all of them must keep it: the worst speaks
    ['ttft.p99 < 500 ms', 'fail', 'concurrency=8'],
    ['kneeAt >= 4', 'pass', 'sweep'],
    ['kneeAt >= 6', 'inconclusive', 'sweep'],
    ['ttft.p99 at concurrency=2 < 500 ms', 'invalid', 'concurrency=2'],
  ])('%s: %s', (text, outcome, at) => {
    expect(judge(text, [sweep]).gates[0]).toMatchObject({ outcome, at })
  })

  test('names its points where one is asked for that is not there', () => {
    expect(judge('ttft.p99 at concurrency=2 < 500 ms', [sweep]).gates[0]?.text).toBe(
      'There is no point concurrency=2; there are concurrency=1, concurrency=8.',
    )
  })
})

describe('Against a baseline', () => {
  /** Five runs, with a spread of about 1 %. */
  const around = (p99: number, tokens = 100): RunFigures[] =>
    [0.99, 1.0, 1.01, 1.005, 0.995].map((f) => runOf({ 'ttft.p99': p99 * f, outputTokensPerS: tokens * f }))

  test.each([
    ['nothing changed', around(400), 'ttft.p99 regression < 10%', 'pass'],
    ['a latency rose by 20 %', around(480), 'ttft.p99 regression < 10%', 'regression'],
    ['a latency fell by 20 %', around(320), 'ttft.p99 regression < 10%', 'pass'],
    ['a throughput fell by 10 %', around(400, 90), 'outputTokensPerS regression < 5%', 'regression'],
    ['a throughput rose by 10 %', around(400, 110), 'outputTokensPerS regression < 5%', 'pass'],
    ['a change that is allowed may be larger', around(436), 'ttft.p99 regression < 10%', 'inconclusive'],
    ['the figure is missing now', [runOf({})], 'ttft.p99 regression < 10%', 'invalid'],
  ])('%s', (_, now, text, outcome) => {
    expect(judge(text, now, { baseline: around(400) }).gates[0]?.outcome).toBe(outcome)
  })

  test('the change and its bounds are told as how much worse it is, also where more is better', () => {
    const slower = judge('ttft.p99 regression < 10%', around(480), { baseline: around(400) }).gates[0]
    expect(slower?.value).toBeCloseTo(0.2, 6)
    const fewer = judge('outputTokensPerS regression < 5%', around(400, 90), { baseline: around(400) })
      .gates[0]
    expect(fewer?.value).toBeCloseTo(0.1, 6)
    expect(fewer?.low).toBeLessThan(0.1)
    expect(fewer?.high).toBeGreaterThan(0.1)
  })

  test('one run a side shows nothing when strict, and decides by itself when lenient', () => {
    const [one] = around(480)
    const [base] = around(400)
    if (one === undefined || base === undefined) throw new Error('no runs')
    const text = 'ttft.p99 regression < 10%'
    const strict = judge(text, [one], { baseline: [base] })
    expect(strict.outcome).toBe('inconclusive')
    expect(strict.gates[0]?.text).toContain('one run on a side shows no scatter')
    expect(judge(text, [one], { baseline: [base], mode: 'lenient' }).outcome).toBe('regression')
  })

  test('another model refuses the comparison, unless it is allowed', () => {
    const other = around(400).map((run) => ({ ...run, target: { ...run.target, model: 'llama-3-8b' } }))
    const text = 'ttft.p99 regression < 10%'
    const refused = judge(text, other, { baseline: around(400) })
    expect(refused).toMatchObject({ outcome: 'invalid', exitCode: EXIT.invalid })
    expect(refused.gates[0]?.text).toContain('Not comparable')
    expect(judge(text, other, { baseline: around(400), allowed: ['model'] }).outcome).toBe('pass')
  })

  test('it is said that the sides were not measured in turn', () => {
    const { notes } = judge('ttft.p99 regression < 10%', around(400), { baseline: around(400) })
    expect(notes.join(' ')).toMatch(/not measured in turn/)
  })
})

describe('Over many comparisons of five runs with five, with 3 % between runs,', () => {
  /** Share of the comparisons in which either gate calls a regression, and in which both pass. */
  function outcomes(factor: number, seed: number, times = 300) {
    const random = createRandom(seed, 'gates')
    const five = (p50: number, tokens: number): RunFigures[] =>
      Array.from({ length: 5 }, () =>
        runOf({
          'ttft.p50': p50 * Math.exp(0.03 * random.normal()),
          outputTokensPerS: tokens * Math.exp(0.03 * random.normal()),
        }),
      )
    const gates = ['ttft.p50 regression < 5%', 'outputTokensPerS regression < 5%']
    const found = Array.from({ length: times }, () =>
      judge(gates, five(100 * factor, 1000), { baseline: five(100, 1000) }),
    )
    const share = (outcome: string): number =>
      found.filter((report) => report.outcome === outcome).length / times
    return { regression: share('regression'), pass: share('pass') }
  }

  test('equals are hardly ever called a regression', () => {
    expect(outcomes(1, 1).regression).toBeLessThanOrEqual(0.05)
  })

  test('a regression of 10 % is found, and never passes', () => {
    const found = outcomes(1.1, 2)
    expect(found.regression).toBeGreaterThanOrEqual(0.95)
    expect(found.pass).toBe(0)
  })
})

describe('The exit code', () => {
  const base = [0.99, 1, 1.01].map((f) => runOf({ 'ttft.p99': 400 * f, 'tpot.p50': 20 * f }))
  const worse = [0.99, 1, 1.01].map((f) => runOf({ 'ttft.p99': 600 * f, 'tpot.p50': 20 * f }))
  const pass = 'tpot.p50 < 100 ms'
  const fail = 'ttft.p99 < 500 ms'
  const regression = 'ttft.p99 regression < 10%'
  // The interval over the three runs reaches from 586 to 615 ms.
  const open = 'ttft.p99 < 610 ms'
  const invalid = 'e2e.p99 < 1 s'

  test.each([
    [[pass], EXIT.done],
    [[pass, open], EXIT.done],
    [[pass, open, regression], EXIT.regression],
    [[pass, open, regression, fail], EXIT.objectiveFailed],
    [[pass, open, regression, fail, invalid], EXIT.invalid],
  ])('of %j is %i: the most serious wins', (gates, code) => {
    expect(judge(gates, worse, { baseline: base }).exitCode).toBe(code)
    expect(judge(gates.toReversed(), worse, { baseline: base }).exitCode).toBe(code)
  })

  test('of what is inconclusive is 5 when that is to fail', () => {
    expect(judge(open, worse, { inconclusive: 'fail' }).exitCode).toBe(EXIT.inconclusive)
    expect(judge([open, fail], worse, { inconclusive: 'fail' }).exitCode).toBe(EXIT.objectiveFailed)
  })
})
