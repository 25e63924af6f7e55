import { createRandom } from '../../../src/base/index.js'
import type { RequestRecord } from '../../../src/record/index.js'
import { recordOf, writeRun } from '../run-folder.js'

export const MACHINE = {
  node: 'v20.20.1',
  platform: 'linux 6.8.0-47-generic x64',
  cpuModel: 'c',
  cpus: 4,
  memoryBytes: 2 ** 34,
}

/** An open loop of 60 requests, one each 100 ms; with `by` every time is as many times as long. */
export function requests(
  by: number,
  seed: number,
  fails: (index: number) => boolean = () => false,
): RequestRecord[] {
  const random = createRandom(seed, 'requests')
  return Array.from({ length: 60 }, (_, index) => {
    const ttftMs = by * (40 + 20 * random.uniform())
    const record = recordOf(index, index * 100, ttftMs, by * (9 + random.uniform()), random.integer(5, 20))
    if (!fails(index)) return record
    const { firstTokenNs: _f, firstVisibleNs: _v, lastTokenNs: _l, outputTokens: _o, ...bare } = record
    return { ...bare, state: 'failed', chunks: [], error: { code: 'overloaded', message: 'busy' } }
  })
}

export const PROFILE = {
  target: { url: 'http://127.0.0.1:1', model: 'm' },
  load: { kind: 'constant', ratePerS: 10 },
  objectives: ['ttft p99 <= 70 ms'],
}

export interface Made {
  readonly by: number
  readonly seed: number
  readonly name?: string
  readonly fails?: (index: number) => boolean
}

export const write = (folder: string, { by, seed, fails, name = 'r' }: Made): string =>
  writeRun(
    {
      profile: PROFILE,
      manifest: {
        name,
        machine: MACHINE,
        workloadHash: `seed ${seed}`,
        transport: { name: 'kernel', reason: '' },
      },
      records: requests(by, seed, fails),
    },
    folder,
  )
