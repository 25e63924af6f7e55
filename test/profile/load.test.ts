import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../../src/base/index.js'
import { loadProfile, parseSetting, type Setting, SHIPPED_PROFILES } from '../../src/profile/index.js'

const folder = mkdtempSync(join(tmpdir(), 'falloff-profile-'))
const file = (text: string, name = 'p.yaml'): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const setting = (text: string): Setting => {
  const parsed = parseSetting(text)
  if ('message' in parsed) throw new Error(parsed.message)
  return parsed
}

function problemsOf(nameOrPath: string | undefined, settings: Setting[] = []): string[] {
  try {
    loadProfile(nameOrPath, settings)
  } catch (thrown) {
    if (thrown instanceof UsageError) return thrown.problems.map((p) => `${p.place}: ${p.message}`)
    throw thrown
  }
  return []
}

describe('shipped profiles', () => {
  for (const name of SHIPPED_PROFILES) {
    test(`${name} is valid, says whom it stands for, and points editors to its schema`, () => {
      const profile = loadProfile(name, [])
      expect(profile.name).toBe(name)
      expect(profile.description).toMatch(/\w/)
      const text = readFileSync(new URL(`../../profiles/${name}.yaml`, import.meta.url), 'utf8')
      expect(text).toMatch(/^# yaml-language-server: \$schema=\.\.\/schema\/profile\.schema\.json/)
    })
  }
})

test('all problems are told at once, each with its line, its value, what was expected and the nearest name', () => {
  const path = file(`name: bad
target: { url: "ftp://x" }
load: { kind: poison, ratePerS: 3 }
limits: { requests: -4, requestss: 5 }
workload:
  inputTokens: { lognormal: { median: 0, sigma: 1 } }
`)
  const problems = problemsOf(path)
  expect(problems).toEqual([
    expect.stringMatching(/p\.yaml:2 target\.url: expected http:\/\/host:port.*got "ftp:\/\/x"/),
    expect.stringMatching(/p\.yaml:6 workload\.inputTokens\.lognormal\.median: expected a number >0; got 0/),
    expect.stringMatching(
      /p\.yaml:3 load\.kind: expected one of closed, .*got "poison"; did you mean "poisson"\?/,
    ),
    expect.stringMatching(/p\.yaml:4 limits\.requests: expected a number >0; got -4/),
    expect.stringMatching(/p\.yaml:4 limits\.requestss: unknown name "requestss"; did you mean "requests"\?/),
  ])
})

test('what the shape cannot say is checked too', () => {
  const path = file(`load: { kind: trace }
objectives: ["ttfd p99 <= 500 ms", "ttft p99 <= 500 ms"]
`)
  expect(problemsOf(path)).toEqual([
    expect.stringMatching(/load\.kind: a trace load needs workload\.trace\.path/),
    expect.stringMatching(/objectives\.0: .*ttfd.*did you mean "ttft"/),
  ])
  expect(problemsOf(undefined)).toEqual([expect.stringMatching(/limits: a run must be bounded/)])
})

test('broken YAML is one problem with its place, not a stack trace', () => {
  expect(problemsOf(file('name: [unclosed'))[0]).toMatch(/p\.yaml/)
})

test('an unknown profile suggests the nearest shipped one', () => {
  expect(problemsOf('chatt')[0]).toMatch(/did you mean "chat"/)
})

test('a setting overrides any path, and its errors name the flag', () => {
  const profile = loadProfile('chat', [
    setting('load.ratePerS=12'),
    setting('workload.outputTokens={uniform: [5, 9]}'),
  ])
  expect(profile.load).toEqual({ kind: 'poisson', ratePerS: 12 })
  expect(profile.workload.outputTokens).toEqual({ uniform: [5, 9] })
  expect(problemsOf('chat', [setting('load.ratePerS=-1')])[0]).toMatch(
    /^--set load\.ratePerS=-1 \(load\.ratePerS\): expected/,
  )
  expect(problemsOf('chat', [setting('limits.durationn=3')])[0]).toMatch(/did you mean "durationS"/)
})

test('JSON is a profile too, and the resolved profile is frozen', () => {
  const profile = loadProfile(
    file('{"limits": {"requests": 3}, "load": {"kind": "closed", "concurrency": 2}}', 'p.json'),
    [],
  )
  expect(profile.limits.requests).toBe(3)
  expect(Object.isFrozen(profile.limits)).toBe(true)
})

test('paths in a profile are relative to the profile', () => {
  const profile = loadProfile(file('limits: {requests: 1}\nworkload: {dataset: {path: prompts.jsonl}}'), [])
  expect(profile.workload.dataset?.path).toBe(join(folder, 'prompts.jsonl'))
})
