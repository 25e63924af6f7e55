import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Clock } from '../../src/base/index.js'
import { type MachineCounters, openCounters, sampleBetween } from '../../src/machine/counters.js'
import { createMachineWatch } from '../../src/machine/watch.js'
import { type MachineSample, RUN_FILES } from '../../src/record/index.js'

const counters = (
  atNs: number,
  busy: number,
  steal: number,
  total: number,
  us = 0,
  ns = 0,
): MachineCounters => ({
  atNs,
  cpu: { busy, steal, total },
  pressureUs: us,
  throttledNs: ns,
})

describe('what happened between two readings', () => {
  const before = counters(1e9, 100, 10, 1000, 5000, 7e6)
  test.each([
    [
      'shares are of the time of all cores, pressure of the interval, throttling a sum',
      before,
      counters(3e9, 150, 20, 1200, 505_000, 9e6),
      { atNs: 3e9, cpuBusyShare: 0.25, stealShare: 0.05, cpuPressureShare: 0.25, throttledNs: 2e6 },
    ],
    [
      'counters that step back, and pressure counted past the interval, stay within bounds',
      before,
      counters(2e9, 99, 10, 1100, 2_000_000, 6e6),
      { atNs: 2e9, cpuBusyShare: 0, stealShare: 0, cpuPressureShare: 1, throttledNs: 0 },
    ],
    [
      'no tick has passed: no shares of ticks',
      before,
      { ...before, atNs: 2e9 },
      { atNs: 2e9, cpuPressureShare: 0, throttledNs: 0 },
    ],
    [
      'what was told only once is absent',
      { ...before, throttledNs: undefined, cpu: undefined },
      { ...counters(2e9, 150, 10, 1100), pressureUs: undefined },
      { atNs: 2e9 },
    ],
  ])('%s', (_, from, to, expected) => {
    expect(sampleBetween(from, to)).toEqual(expected)
  })
})

const linesIn = (folder: string): MachineSample[] =>
  readFileSync(join(folder, RUN_FILES.machine), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as MachineSample)

/** A watch whose time is the timers' and whose machine is busy for half of each second. */
function watched(read = (atNs: number) => counters(atNs, atNs / 2e7, 0, atNs / 1e7)) {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setImmediate', 'performance'] })
  const clock: Clock = { name: 'test', nowNs: () => performance.now() * 1e6, until: () => Promise.resolve() }
  const folder = mkdtempSync(join(tmpdir(), 'falloff-machine-'))
  return { folder, watch: createMachineWatch(clock, folder, { intervalMs: 1000, read }) }
}

describe('the machine watch', () => {
  afterEach(() => void vi.useRealTimers())

  test.each([
    ['a line a second, and one for what is left', 2700, [1e9, 2e9, 2.7e9]],
    ['what is left is too short to tell', 2300, [1e9, 2e9]],
    ['a run shorter than an interval has its one line', 200, [2e8]],
  ])('%s', (_, ms, expected) => {
    const { folder, watch } = watched()
    vi.advanceTimersByTime(ms)
    watch.stop()
    const lines = linesIn(folder)
    expect(lines.map(({ atNs }) => atNs)).toEqual(expected)
    for (const { cpuBusyShare } of lines) expect(cpuBusyShare).toBe(0.5)
  })

  test('a system that tells nothing leaves the file empty', () => {
    const { folder, watch } = watched((atNs) => ({
      atNs,
      cpu: undefined,
      pressureUs: undefined,
      throttledNs: undefined,
    }))
    vi.advanceTimersByTime(5000)
    watch.stop()
    expect(linesIn(folder)).toEqual([])
  })
})

test.runIf(process.platform === 'linux')('this machine’s own counters are read anew each time', () => {
  const read = openCounters()
  const before = read(0)
  expect(before.cpu?.total).toBeGreaterThan(before.cpu?.busy ?? Number.POSITIVE_INFINITY)
  for (let i = 0; i < 1000 && read(1).cpu?.total === before.cpu?.total; i++)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
  expect(read(1).cpu?.total).toBeGreaterThan(before.cpu?.total ?? Number.POSITIVE_INFINITY)
})
