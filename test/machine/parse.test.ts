import { describe, expect, test } from 'vitest'
import {
  countToPort,
  parseCount,
  parseCpuMax,
  parseCpuTicks,
  parseMemory,
  parseOpenFiles,
  parsePortRange,
  parsePressure,
  parseQuota,
  parseSchedule,
  parseThrottledNs,
} from '../../src/machine/parse.js'

/** Texts as kernels write them, cut to what matters and its neighbours. */

const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0
   1: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000
   2: 0100007F:C352 0100007F:1F90 06 00000000:00000000 03:00000A2F 00000000     0
   3: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0
`

type Case = readonly [what: string, found: unknown, expected: unknown]

const CASES: readonly Case[] = [
  [
    'ticks of all cores: guest time is inside user time and does not count twice, waiting for disk is idle',
    parseCpuTicks('cpu  100 20 30 400 50 6 7 8 90 0\ncpu0 1 2 3 4 5 6 7 8 9 0\nintr 1 2\n'),
    { busy: 163, steal: 8, total: 621 },
  ],
  [
    'ticks of a kernel that knows no steal',
    parseCpuTicks('cpu  1 2 3 4\n'),
    { busy: 6, steal: 0, total: 10 },
  ],
  ['ticks of no such line', parseCpuTicks('cpu0 1 2 3 4\n'), undefined],
  [
    'pressure: the line of some, not of all',
    parsePressure(
      'some avg10=5.12 avg60=1.23 avg300=1.92 total=1622017313\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n',
    ),
    { last10sShare: 0.0512, totalUs: 1_622_017_313 },
  ],
  ['pressure switched off', parsePressure(''), undefined],
  [
    'throttling, version 2: µs',
    parseThrottledNs('usage_usec 5\nnr_throttled 2\nthrottled_usec 1500\n'),
    1_500_000,
  ],
  [
    'throttling, version 1: ns',
    parseThrottledNs('nr_periods 0\nnr_throttled 2\nthrottled_time 1500\n'),
    1500,
  ],
  ['throttling of the root group', parseThrottledNs('usage_usec 5\nuser_usec 3\n'), undefined],
  ['half a core', parseCpuMax('50000 100000\n'), 0.5],
  ['two and a half cores', parseCpuMax('250000 100000\n'), 2.5],
  ['no limit', parseCpuMax('max 100000\n'), Number.POSITIVE_INFINITY],
  ['no file of version 2', parseCpuMax(undefined), undefined],
  ['one and a half cores, version 1', parseQuota('150000\n', '100000\n'), 1.5],
  ['no limit, version 1', parseQuota('-1\n', '100000\n'), Number.POSITIVE_INFINITY],
  ['no file of version 1', parseQuota(undefined, '100000\n'), undefined],
  ['schedule of a thread', parseSchedule('89545 2453 2\n'), { ranNs: 89545, waitedNs: 2453 }],
  ['schedule that is cut off', parseSchedule('89545'), undefined],
  [
    'open files',
    parseOpenFiles(
      'Max processes             96365                96365                processes \nMax open files            1024                 524288               files     \n',
    ),
    { soft: 1024, hard: 524_288 },
  ],
  [
    'open files without a limit',
    parseOpenFiles('Max open files            1024                 unlimited            files     \n'),
    { soft: 1024, hard: Number.POSITIVE_INFINITY },
  ],
  ['port range', parsePortRange('32768\t60999\n'), { first: 32768, last: 60999 }],
  ['ports to 8080: both clients, and neither the listener nor the server’s end', countToPort(TCP, 8080), 2],
  ['ports to 80, which is no end of 8080', countToPort(TCP, 80), 0],
  ['ports of no table', countToPort(undefined, 80), 0],
  [
    'memory',
    parseMemory(
      'MemTotal:       24684096 kB\nMemAvailable:   2048 kB\nSwapTotal:   100 kB\nSwapFree:   60 kB\n',
    ),
    { availableBytes: 2_097_152, swapUsedBytes: 40_960 },
  ],
  ['memory of a kernel too old to tell', parseMemory('MemTotal:       24684096 kB\n'), undefined],
  ['a count', parseCount('4096\n'), 4096],
  ['a count of nothing', parseCount(''), undefined],
  ['a count that is a word', parseCount('tsc\n'), undefined],
]

describe('the system’s files', () => {
  test.each(CASES)('%s', (_, found, expected) => {
    expect(found).toEqual(expected)
  })
})
