import { describe, expect, test } from 'vitest'
import { parseChildrenCpuNs, parseCpuList, parseRanNs, parseResident } from '../../bench/lib/proc.mjs'

const STATUS = `Name:	node
VmPeak:	 1093220 kB
VmHWM:	  123484 kB
VmRSS:	   98304 kB
RssAnon:	   60000 kB
`

/** `stat` of a process whose command is as awkward as it may be. Fields 14 to 17 are utime, stime, cutime, cstime. */
const STAT = `4711 (a) R (b) S 1 4711 4711 0 -1 4194304 100 0 0 0 11 12 250 31 20 0 7 0 99 1093220 24576 0`

describe('what the bench reads of processes', () => {
  test.each([
    { field: 'VmRSS' as const, expected: 98304 * 1024 },
    { field: 'VmHWM' as const, expected: 123484 * 1024 },
  ])('$field is told in bytes', ({ field, expected }) => {
    expect(parseResident(STATUS, field)).toBe(expected)
  })

  test('the CPU time of children is user and system time, and not our own', () => {
    expect(parseChildrenCpuNs(STAT)).toBe(2.81e9)
    expect(parseChildrenCpuNs(STAT, 1000)).toBe(0.281e9)
  })

  test('the first number of schedstat is the time on a core', () => {
    expect(parseRanNs('34632450 36455830 305\n')).toBe(34632450)
  })

  test.each([
    ['0', [0]],
    ['0-3', [0, 1, 2, 3]],
    ['0-1,8,10-11\n', [0, 1, 8, 10, 11]],
    ['', []],
  ])('the list of processors %j', (text, expected) => {
    expect(parseCpuList(text)).toEqual(expected)
  })

  test.each([
    ['nothing', undefined],
    ['an empty file', ''],
    ['something else', 'no such thing'],
  ])('%s tells nothing', (_, text) => {
    expect(parseResident(text)).toBeUndefined()
    expect(parseChildrenCpuNs(text)).toBeUndefined()
    expect(parseRanNs(text)).toBeUndefined()
  })
})
