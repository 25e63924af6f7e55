import { describe, expect, test } from 'vitest'
import { machineBin } from '../../src/analyse/target-machine.js'
import type { ServerSample } from '../../src/record/index.js'

const at = (s: number, more: Partial<ServerSample>): ServerSample => ({ atNs: s * 1e9, tookNs: 1, ...more })
const whole = (samples: readonly ServerSample[]) => machineBin(samples, 0, 100e9)

describe('the target’s machine in one stretch of time', () => {
  test('GPUs: mean and busiest of the devices, the fullest memory, all power, averaged over the readings', () => {
    const gpu = (utilisation: number, memoryUsedBytes: number) => [
      { id: '0', utilisation, memoryUsedBytes, memoryTotalBytes: 100, powerW: 300 },
      { id: '1', utilisation: 0, memoryUsedBytes: 10, memoryTotalBytes: 100, powerW: 50 },
    ]
    expect(whole([at(1, { gpu: gpu(0.9, 60) }), at(2, { gpu: gpu(0.7, 80) })])).toEqual({
      gpuMean: expect.closeTo(0.4, 12),
      gpuBusiest: expect.closeTo(0.8, 12),
      gpuMemory: expect.closeTo(0.7, 12),
      gpuPowerW: 350,
      hostCpu: null,
      hostMemory: null,
    })
  })

  const host = (cpuTotalS: number, cpuIdleS: number) => ({
    host: { cpuTotalS, cpuIdleS, memoryTotalBytes: 100, memoryAvailableBytes: 25 },
  })

  test.each([
    ['between two readings', [at(1, host(100, 80)), at(2, host(110, 82))], 0.8],
    ['a reading before the stretch counts as the first', [at(-1, host(100, 80)), at(2, host(110, 85))], 0.5],
    ['one reading is none', [at(1, host(100, 80))], null],
    ['a machine started anew', [at(1, host(100, 80)), at(2, host(4, 3))], null],
    [
      'GPU readings between do not matter',
      [at(1, host(100, 80)), at(2, host(110, 82)), at(3, { gpu: [] })],
      0.8,
    ],
    // Told as a share at once.
    ['a share', [at(1, { host: { cpuBusyShare: 0.25 } })], 0.25],
  ])('CPU: %s', (_what, samples, share) => {
    const { hostCpu } = whole(samples) ?? {}
    if (share === null) expect(hostCpu).toBeNull()
    else expect(hostCpu).toBeCloseTo(share, 12)
  })

  test('memory is what is not available', () => {
    expect(whole([at(1, host(100, 80))])?.hostMemory).toBe(0.75)
  })

  test('nothing told is no bin', () => {
    expect(whole([at(1, { gauges: { running: 1 } })])).toBeUndefined()
    expect(machineBin([at(1, host(1, 1))], 5e9, 6e9)).toBeUndefined()
  })
})
