import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import type { Findings } from '../../src/analyse/index.js'
import { loadDescription, parseFaults, type Simulator, startSimulator } from '../../src/simulate/index.js'
import { falloff, freshFolder, start, untilRecorded } from './command.js'

/**
 * Ways in which a run goes wrong, each provoked on the simulator and driven by the built command. Every run must find what was
 * wrong with it; what a busy test machine adds to that is not looked at.
 */

const running: Simulator[] = []
afterAll(() => Promise.all(running.map((s) => s.close())))

interface Target {
  readonly engine?: string
  readonly settings?: Record<string, number>
  readonly faults?: readonly string[]
  readonly port?: number
}

/** A simulator in this process, so that only the client is started anew; answers within 20 ms unless told otherwise. */
async function simulate({ engine = 'fixed', settings, faults = [], port = 0 }: Target): Promise<Simulator> {
  const quick = engine === 'fixed' ? { ttftMs: 10, gapMs: 1 } : {}
  const simulator = await startSimulator({
    description: loadDescription(engine, { ...quick, ...settings }),
    host: '127.0.0.1',
    port,
    faults: parseFaults(faults),
  })
  running.push(simulator)
  return simulator
}

const SHORT = ['--input-tokens', '60', '--output-tokens', '8']
const closed = (requests: number): string[] => ['--concurrency', '4', '--requests', String(requests)]
const open = (ratePerS: number, requests: number): string[] => [
  '--rate',
  String(ratePerS),
  '--arrivals',
  'constant',
  '--requests',
  String(requests),
]

async function judge(url: string, args: readonly string[], cwd = freshFolder(), env = {}) {
  const outcome = await falloff(['run', '--target', url, ...SHORT, ...args, '--format', 'json'], cwd, env)
  return judgementIn(outcome)
}

function judgementIn({ stdout, stderr, code }: Awaited<ReturnType<typeof falloff>>) {
  if (!stdout.startsWith('{')) throw new Error(`no findings; stderr:\n${stderr}`)
  const { validity } = JSON.parse(stdout) as Findings
  const weights = Object.fromEntries(validity.findings.map((f) => [f.code, f.severity]))
  return { code, verdict: validity.verdict, weights, findings: validity.findings }
}

interface Case {
  readonly what: string
  readonly target: Target
  readonly args: readonly string[]
  readonly expected: Readonly<Record<string, 'caveat' | 'invalid'>>
}

const CASES: readonly Case[] = [
  {
    what: 'a third of the requests rejected',
    target: { faults: ['rate-limit=1/3'] },
    args: closed(90),
    expected: { failures: 'caveat' },
  },
  {
    what: 'most requests failing',
    target: { faults: ['server-error=0.8'] },
    args: closed(90),
    expected: { failures: 'invalid' },
  },
  {
    what: 'outputs that stop early',
    target: { faults: ['short-output=1:3'] },
    args: closed(60),
    expected: { 'outputs-short': 'caveat' },
  },
  {
    what: 'a server whose usage counts every token twice',
    target: { faults: ['miscount=1:2'] },
    args: closed(60),
    expected: { 'inputs-off': 'caveat', 'tokens-disputed': 'caveat' },
  },
  {
    what: 'another model answering now and then',
    target: { faults: ['other-model=1/10'] },
    args: closed(60),
    expected: { 'model-changed': 'invalid' },
  },
  {
    what: 'a run of a quarter of a second',
    target: {},
    args: closed(40),
    expected: { 'short-run': 'caveat', 'few-samples': 'caveat' },
  },
  {
    what: 'more arrivals than may be in flight',
    target: { settings: { ttftMs: 80 } },
    args: [...open(200, 200), '--set', 'limits.maxInFlight=4'],
    expected: { 'rate-not-reached': 'invalid', 'arrivals-dropped': 'caveat' },
  },
  {
    what: 'an open loop above capacity',
    target: { engine: 'llama-3-8b-h100', settings: { maxNumSeqs: 2 } },
    args: open(60, 150),
    expected: { overloaded: 'caveat' },
  },
]

describe.concurrent('a run that goes wrong says so:', { timeout: 60_000 }, () => {
  for (const { what, target, args, expected } of CASES) {
    test(what, async () => {
      const { verdict, weights, code, findings } = await judge((await simulate(target)).url, args)
      expect(weights).toMatchObject(expected)
      const invalid = findings.some((f) => f.severity === 'invalid')
      expect(verdict).toBe(invalid ? 'INVALID' : 'VALID WITH CAVEATS')
      expect(code).toBe(invalid ? 6 : 0)
      for (const found of findings.filter((f) => f.code in expected)) {
        expect(found.seen).not.toBeNull()
        expect(found.seen).not.toBe(found.allowed)
      }
    })
  }

  test('several events in one packet: a note where the canary clears us, else a caveat', async () => {
    const { url } = await simulate({ faults: ['coalesce=1:4'] })
    const { weights } = await judge(url, closed(60))
    expect(weights['chunks-coalesced']).toMatch(/^(note|caveat)$/)
  })

  test('the prefix cache warmed by somebody else', async () => {
    const { url } = await simulate({ engine: 'llama-3-8b-h100' })
    const ask = { prompt: 'the same words '.repeat(400), max_tokens: 1 }
    const models = (await (await fetch(`${url}/v1/models`)).json()) as { data: { id: string }[] }
    const body = JSON.stringify({ ...ask, model: models.data[0]?.id })
    const headers = { 'content-type': 'application/json' }
    const over = new AbortController()
    const neighbour = (async () => {
      while (!over.signal.aborted) {
        await (await fetch(`${url}/v1/completions`, { method: 'POST', headers, body })).arrayBuffer()
        await sleep(20)
      }
    })()
    const { weights } = await judge(url, [...closed(60), '--set', 'scrapeIntervalMs=100'])
    over.abort()
    await neighbour
    expect(weights).toMatchObject({ 'cache-contamination': 'caveat' })
  })

  test('an engine that restarts under way', async () => {
    const first = await simulate({})
    const cwd = freshFolder()
    const args = ['--target', first.url, ...SHORT, ...open(40, 120), '--set', 'scrapeIntervalMs=100']
    const { done } = start(['run', ...args, '--name', 'restart', '--format', 'json'], cwd)
    await untilRecorded(cwd, 50)
    await first.close()
    await simulate({ port: Number(new URL(first.url).port) })
    const { weights, verdict } = judgementIn(await done)
    expect(weights).toMatchObject({ 'server-restarted': 'invalid' })
    expect(verdict).toBe('INVALID')
  })

  test('an interruption', async () => {
    const { url } = await simulate({})
    const cwd = freshFolder()
    const { child, done } = start(
      ['run', '--target', url, ...SHORT, ...closed(100_000), '--format', 'json'],
      cwd,
    )
    await untilRecorded(cwd, 20)
    child.kill('SIGINT')
    expect(judgementIn(await done).weights).toMatchObject({ 'stopped-early': 'caveat' })
  })
})

/** Holds the event loop of every worker thread for 80 of each 160 ms. */
const HOLD = `import { isMainThread } from 'node:worker_threads'
if (!isMainThread) setInterval(() => { for (const end = performance.now() + 80; performance.now() < end;); }, 160).unref()
`

describe.concurrent('a generator that is held up says so:', { timeout: 60_000 }, () => {
  const held = async (args: readonly string[]) => {
    const cwd = freshFolder()
    writeFileSync(join(cwd, 'hold.mjs'), HOLD)
    const { url } = await simulate({})
    return judge(url, [...open(60, 120), ...args], cwd, { NODE_OPTIONS: `--import=${join(cwd, 'hold.mjs')}` })
  }

  test('its sends are late, whoever takes the stamps', async () => {
    const { weights, verdict } = await held([])
    expect(weights).toMatchObject({ 'generator-late': 'invalid' })
    expect(verdict).toBe('INVALID')
  })

  test('its stamps are late too, where the event loop takes them', async () => {
    const { weights } = await held(['--set', 'target.transport=undici'])
    expect(weights['stamp-error'] ?? weights['loop-delay']).toBeDefined()
  })
})
