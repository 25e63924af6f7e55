import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Findings } from '../../src/analyse/index.js'
import { type LimitedServer, startLimitedServer } from '../experiment/token-bucket.js'
import { falloff, freshFolder, onlyRun, readRecords } from './command.js'

/** What a user may spend, and what retries make of a limit, with the built command. */

let server: LimitedServer
beforeAll(async () => {
  server = await startLimitedServer({ requests: { capacity: 30, refillPerS: 0.5 }, withHeaders: true })
})
afterAll(() => server.close())

const target = (): string[] => ['--target', `http://127.0.0.1:${server.port}`, '--tokenizer', 'server']
const small = ['--concurrency', '2', '--requests', '40', '--input-tokens', '5', '--output-tokens', '3']

describe('a budget on the command line', () => {
  test('ends the run at its cap, to the request; the rest says why it was not sent', async () => {
    const cwd = freshFolder()
    const before = server.seen.length
    const { stderr } = await falloff(['run', ...target(), ...small, '--budget-requests', '25'], cwd)
    expect(server.seen.length - before).toBe(25)
    expect(stderr).toContain('budget.requests (25) was reached: the run ends')
    expect(stderr).toContain('(ended early: budget)')
    const records = readRecords(onlyRun(cwd))
    expect(records).toHaveLength(40)
    expect(records.filter((r) => r.error?.code === 'budget').every((r) => r.state === 'unsent')).toBe(true)
    expect(JSON.parse(readFileSync(join(onlyRun(cwd), 'run.json'), 'utf8'))).toMatchObject({
      stopReason: 'budget',
    })
  })

  test('also pays for the requests that count tokens', async () => {
    const before = server.seen.length
    const args = ['run', ...target(), ...small, '--tokenizer', 'calibrate', '--budget-requests', '3']
    const { code, stderr } = await falloff(args, freshFolder())
    expect(code).toBe(1)
    expect(stderr).toContain('the budget does not even cover the requests that count tokens')
    expect(server.seen.length - before).toBeLessThanOrEqual(3)
  })

  test('in money needs a price', async () => {
    const { code, stderr } = await falloff(['run', ...target(), ...small, '--budget-usd', '1'], freshFolder())
    expect(code).toBe(2)
    expect(stderr).toContain('budget.usd: no price is known of m at http://127.0.0.1')
  })
})

test('a policy that nobody knows is exit code 2', async () => {
  const { code, stderr } = await falloff(
    ['run', ...target(), ...small, '--retry', 'tenacious'],
    freshFolder(),
  )
  expect(code).toBe(2)
  expect(stderr).toMatch(/--retry \(retry\.policy\): expected one of none, .*; did you mean "tenacity"\?/)
})

test('retries and limits are in the summary, and told in the text and the report', async () => {
  const cwd = freshFolder()
  const retry = ['--retry', 'fixed', '--set', 'retry.baseS=0.05', '--set', 'retry.attempts=2']
  const args = ['run', ...target(), ...small, ...retry, '--out', 'page.html']
  const { stdout } = await falloff(args, cwd)
  expect(stdout).toMatch(/^Retries +policy fixed, up to 2 attempts: /m)
  expect(stdout).toMatch(/^Limits +requests: 0 of 30 left at the lowest, at /m)
  const page = readFileSync(join(cwd, 'page.html'), 'utf8')
  expect(page).toContain('<section id="retries">')
  expect(page).toContain('<section id="limits">')
  const summary = JSON.parse(readFileSync(join(onlyRun(cwd), 'summary.json'), 'utf8')) as Findings
  const [point] = summary.points
  const records = readRecords(onlyRun(cwd))
  const attempts = records.reduce((sum, r) => sum + 1 + (r.attempts?.length ?? 0), 0)
  expect(point?.retries?.amplification).toBeCloseTo(attempts / records.length, 10)
  expect(point?.limits?.refusals).toBeGreaterThan(0)
})

test('falloff limits tells what the headers tell, with one request', async () => {
  const before = server.seen.length
  const { code, stdout } = await falloff(
    ['limits', ...target(), '--max-requests', '1', '--format', 'json'],
    freshFolder(),
  )
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    limits: [
      { kind: 'requests', perMin: 30, sureness: 'told' },
      { kind: 'tokens', sureness: 'unknown' },
    ],
    sent: 1,
  })
  expect(server.seen.length - before).toBe(1)
})
