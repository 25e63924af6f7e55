import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { UsageError } from '../../src/base/index.js'
import type { Imported, ImportedMetric } from '../../src/exchange/import/imported.js'
import { readImported } from '../../src/exchange/import/read.js'
import { renderImported } from '../../src/exchange/import/render.js'
import { matching, wholeRuns } from '../../src/exchange/ours.js'
import { readResult } from '../../src/exchange/result.js'
import { fixture, OURS, readFixture } from './fixtures.js'

/** A metric of the first point, by the tool's name. */
function metric({ points }: Imported, theirs: string): ImportedMetric {
  const found = points[0]?.metrics.find((m) => m.theirs === theirs)
  if (!found) throw new Error(`no ${theirs} among ${points[0]?.metrics.map((m) => m.theirs)}`)
  return found
}

describe('files that the tools wrote', () => {
  it.each([
    ['guidellm-0.3.1.json', 'GuideLLM', null, 12],
    ['guidellm-0.6.0.json', 'GuideLLM', '0.6.0', 12],
    ['guidellm-0.8.1.json', 'GuideLLM', '0.8.1', 60],
    ['vllm-bench-0.32.0.json', 'vllm bench serve', null, 60],
    ['vllm-bench-0.32.0-summary.json', 'vllm bench serve', null, 60],
    ['aiperf-0.13.0.json', 'AIPerf', '0.13.0', 60],
    ['aiperf-0.13.0.jsonl', 'AIPerf', null, 60],
    ['inference-perf-0.7.0.json', 'inference-perf', null, 20],
    ['genai-perf.json', 'GenAI-Perf', null, 100],
  ])('%s is read as %s %s with its %d requests', (file, name, version, completed) => {
    const imported = readImported(fixture(file))
    expect(imported.tool).toEqual({ name, version })
    expect(imported.points).toHaveLength(1)
    expect(imported.points[0]).toMatchObject({ completed, failed: 0 })
    expect(imported.defects.length).toBeGreaterThan(0)
    expect(metric(imported, firstOf(imported)).mean).toBeGreaterThan(0)
  })

  const firstOf = ({ points }: Imported): string => points[0]?.metrics[0]?.theirs ?? ''

  it.each([
    // What their definitions make of one engine at one load.
    ['guidellm-0.3.1.json', 'time_per_output_token_ms', 'not-comparable', 'by all tokens'],
    ['guidellm-0.6.0.json', 'time_per_output_token_ms', 'not-comparable', 'includes the TTFT'],
    ['guidellm-0.8.1.json', 'time_per_output_token_ms', 'not-comparable', 'includes the TTFT'],
    ['guidellm-0.8.1.json', 'inter_token_latency_ms', 'equal', ''],
    ['guidellm-0.8.1.json', 'request_latency', 'differs', 'closing events'],
    ['guidellm-0.8.1.json', 'requests_per_second', 'differs', 'not counted'],
    ['guidellm-0.6.0.json', 'output_tokens_per_second', 'differs', 'first to the last token'],
    ['vllm-bench-0.32.0.json', 'ttft', 'differs', 'role'],
    ['vllm-bench-0.32.0.json', 'itl', 'differs', 'false gap'],
    ['vllm-bench-0.32.0.json', 'e2el', 'equal', ''],
    ['aiperf-0.13.0.json', 'inter_token_latency', 'equal', ''],
    ['aiperf-0.13.0.jsonl', 'inter_token_latency', 'differs', 'tokenizer of the client'],
    ['inference-perf-0.7.0.json', 'time_per_output_token', 'not-comparable', 're-tokenising'],
    ['inference-perf-0.7.0.json', 'inter_token_latency', 'not-comparable', 'zero'],
    ['genai-perf.json', 'inter_token_latency', 'differs', 'tokenizer of the client'],
  ])('%s: %s is %s', (file, theirs, match, note) => {
    const found = metric(readImported(fixture(file)), theirs)
    expect(found.match).toBe(match)
    expect(found.note).toContain(note)
  })

  it('names what the file itself shows to be wrong', () => {
    const of = (file: string): string => readImported(fixture(file)).defects.join(' ')
    expect(of('vllm-bench-0.32.0.json')).toContain('in 57 of 60 requests')
    expect(of('guidellm-0.8.1.json')).toContain('59 of 60 completions')
    expect(of('inference-perf-0.7.0.json')).toContain('In 20 of 20 requests')
    expect(of('aiperf-0.13.0.json')).toContain('not by its own benchmark_duration')
  })

  it('figures per request agree with the tool’s own summary of them', () => {
    const detailed = readImported(fixture('vllm-bench-0.32.0.json'))
    const summary = readImported(fixture('vllm-bench-0.32.0-summary.json'))
    for (const name of ['ttft', 'tpot', 'itl', 'e2el']) {
      expect(metric(detailed, name).from).toBe('requests')
      expect(metric(summary, name).from).toBe('summary')
      expect(metric(detailed, name).mean).toBeCloseTo(metric(summary, name).mean ?? 0, 4)
    }
  })
})

describe('beside a run of the same load', () => {
  it('equal definitions give equal figures where the load is the same', async () => {
    const [ours] = await wholeRuns(await readResult(OURS))
    for (const file of ['guidellm-0.8.1.json', 'vllm-bench-0.32.0.json', 'aiperf-0.13.0.json']) {
      const imported = readImported(fixture(file))
      const found = imported.points[0]?.metrics.filter(
        (m) => m.match === 'equal' && m.ours !== null && !/ttf/.test(m.ours),
      )
      expect(found?.length).toBeGreaterThan(2)
      for (const m of found ?? []) {
        const own = m.ours === null ? undefined : ours?.figures[m.ours]
        expect(Math.abs((m.mean ?? 0) / (own?.mean ?? 0) - 1), `${file} ${m.theirs}`).toBeLessThan(0.01)
      }
    }
  })

  it('sets no figure of ours beside one that cannot be compared', async () => {
    const ours = await wholeRuns(await readResult(OURS))
    const text = renderImported(readImported(fixture('guidellm-0.8.1.json')), ours)
    const line = text.split('\n').find((l) => l.startsWith('x time_per_output_token_ms')) ?? ''
    expect(line.trim().split(/\s+/).slice(3)).toEqual(['tpot', '36.7', '–', '36.8', '–', '37.7', '–', '–'])
    expect(text).toContain('their TPOT includes the TTFT')
  })

  it('finds the run of the same load among those of a sweep', async () => {
    const [run] = await wholeRuns(await readResult(OURS))
    const [point] = readImported(fixture('guidellm-0.8.1.json')).points
    if (run === undefined || point === undefined) throw new Error('nothing to match')
    const other = { ...run, axes: { concurrency: 8 } }
    expect(matching([other, run], point)).toBe(run)
    expect(matching([other, other], point)).toBeUndefined()
    expect(matching([other], point)).toBe(other)
  })
})

describe('a file that is of no use', () => {
  const written = (text: string): string => {
    const folder = mkdtempSync(join(tmpdir(), 'falloff-import-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const file = join(folder, 'their.json')
    writeFileSync(file, text)
    return file
  }
  const problemsOf = (file: string): UsageError['problems'] => {
    try {
      readImported(file)
    } catch (thrown) {
      if (thrown instanceof UsageError) return thrown.problems
      throw thrown
    }
    throw new Error('it was read')
  }

  it.each([
    ['an empty file', '', 'is empty'],
    ['a list', '[1]', 'holds a list'],
    ['a number', '3', 'holds a number'],
    ['a table', 'a,b\n1,2\n', 'is no JSON object'],
    ['another object', '{"a":1}', 'of no tool that is known'],
    ['GuideLLM without benchmarks', '{"benchmarks":[]}', 'GuideLLM'],
    ['vLLM without a duration', '{"mean_ttft_ms":1,"request_throughput":1}', 'vllm bench serve'],
  ])('%s is refused with its name and what was expected', (_, text, message) => {
    const file = written(text)
    const problems = problemsOf(file)
    expect(problems.every(({ place }) => place.startsWith(file))).toBe(true)
    expect(problems.map((p) => p.message).join(' ')).toContain(message)
  })

  it('a file that is not there is one clear error', () => {
    expect(problemsOf('/nowhere/at-all.json')[0]?.message).toContain('cannot be read')
  })

  it('many like faults are told of briefly', () => {
    const b = { metrics: {}, requests: { successful: Array(50).fill({ output_tokens: 'x' }) } }
    const problems = problemsOf(written(JSON.stringify({ benchmarks: [b] })))
    expect(problems).toHaveLength(9)
    expect(problems.at(-1)?.message).toBe('42 more of the kind')
  })

  it('damage anywhere is refused or read, and nothing else', () => {
    const whole = readFixture('vllm-bench-0.32.0-summary.json')
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(JSON.parse(whole) as object)),
        fc.jsonValue(),
        (field, value) => {
          const file = written(JSON.stringify({ ...(JSON.parse(whole) as object), [field]: value }))
          try {
            expect(readImported(file).kind).toBe('imported')
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(UsageError)
          }
        },
      ),
      { numRuns: 100 },
    )
  })
})
