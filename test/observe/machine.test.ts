import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { readDcgm } from '../../src/observe/machine/dcgm.js'
import { readNodeExporter } from '../../src/observe/machine/node-exporter.js'
import { readLine, watchNvidiaSmi } from '../../src/observe/machine/nvidia-smi.js'
import { parseExposition } from '../../src/observe/prometheus.js'

const page = (name: string) =>
  parseExposition(readFileSync(new URL(`../fixtures/metrics/${name}.txt`, import.meta.url), 'utf8'))
const MIB = 1024 * 1024

describe('the DCGM exporter', () => {
  test('percent become shares and MiB bytes, device by device; a field of one device only is told of that one', () => {
    expect(readDcgm(page('dcgm'))).toEqual([
      {
        id: '0',
        utilisation: 0.97,
        smActive: 0.8125,
        memoryUsedBytes: 73728 * MIB,
        memoryTotalBytes: 81920 * MIB,
        powerW: 612.25,
        temperatureC: 61,
      },
      {
        id: '1',
        utilisation: 0,
        memoryUsedBytes: 0,
        memoryTotalBytes: 81000 * MIB,
        powerW: 71.5,
        temperatureC: 29,
      },
    ])
  })

  test('several hosts on one page, and parts of one GPU, are devices of their own', () => {
    const line = (host: string, more: string, value: number) =>
      `DCGM_FI_DEV_FB_USED{gpu="0",Hostname="${host}"${more}} ${value}\n`
    const text = line('a', '', 1) + line('b', ',GPU_I_ID="1"', 2) + line('b', ',GPU_I_ID="2"', 3)
    expect(readDcgm(parseExposition(text)).map((g) => [g.id, g.memoryUsedBytes])).toEqual([
      ['a 0', MIB],
      ['b 0/1', 2 * MIB],
      ['b 0/2', 3 * MIB],
    ])
  })

  test('a field that the device does not support is absent, though the exporter writes a number', () => {
    const [gpu] = readDcgm(
      parseExposition(
        'DCGM_FI_DEV_FB_USED{gpu="0"} 9223372036854775792\nDCGM_FI_DEV_POWER_USAGE{gpu="0"} 140737488355328\nDCGM_FI_DEV_GPU_TEMP{gpu="0"} 40\n',
      ),
    )
    expect(gpu).toEqual({ id: '0', temperatureC: 40 })
  })

  test('other metrics are no GPUs', () => {
    expect(readDcgm(page('node-exporter'))).toEqual([])
  })
})

describe('node_exporter', () => {
  test('CPU seconds over all cores and modes, of these idle and waiting for disks, and memory', () => {
    expect(readNodeExporter(page('node-exporter'))).toEqual({
      cpuTotalS: 3000,
      cpuIdleS: 2250,
      memoryTotalBytes: 6.7e10,
      memoryAvailableBytes: 2.5e10,
      load1: 2.75,
    })
  })

  test('other metrics are no host', () => {
    expect(readNodeExporter(page('dcgm'))).toBeUndefined()
  })
})

describe('nvidia-smi', () => {
  test.each([
    [
      '0, 37, 20480, 81559, 312.40, 55',
      {
        id: '0',
        utilisation: 0.37,
        memoryUsedBytes: 20480 * MIB,
        memoryTotalBytes: 81559 * MIB,
        powerW: 312.4,
        temperatureC: 55,
      },
    ],
    // Shared-memory and virtual devices.
    ['1, [N/A], [Not Supported], 0, [N/A], 41', { id: '1', memoryTotalBytes: 0, temperatureC: 41 }],
    ["NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", undefined],
    ['0, 1, 2', undefined],
    ['', undefined],
  ])('reads %j', (line, reading) => {
    expect(readLine(line)).toEqual(reading)
  })

  const folder = mkdtempSync(join(tmpdir(), 'falloff-smi-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const script = (name: string, body: string): string => {
    const path = join(folder, name)
    writeFileSync(path, `#!/bin/sh\n${body}\n`)
    chmodSync(path, 0o755)
    return path
  }

  test('one process prints all along; the last line of each device counts', async () => {
    const tool = watchNvidiaSmi(
      60_000,
      script(
        'smi',
        'echo "$@" > "$0.args"\necho "0, 1, 2, 3, 4, 5"\necho "1, 50, 6, 7, 8, 9"\necho "0, 99, 2, 3, 4, 5"\nexec sleep 60',
      ),
    )
    await vi.waitFor(
      () =>
        expect(tool.latest()?.map((g) => [g.id, g.utilisation])).toEqual([
          ['0', 0.99],
          ['1', 0.5],
        ]),
      10_000,
    )
    tool.stop()
    expect(readFileSync(join(folder, 'smi.args'), 'utf8')).toMatch(
      /--format=csv,noheader,nounits --loop-ms=60000/,
    )
  })

  test('without the tool, nothing is told and nothing fails', async () => {
    const tool = watchNvidiaSmi(1000, join(folder, 'missing'))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(tool.latest()).toBeUndefined()
    tool.stop()
  })
})
