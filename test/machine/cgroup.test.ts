import { describe, expect, test } from 'vitest'
import { cpuFolders, findCpuGroup } from '../../src/machine/cgroup.js'
import { usableCores } from '../../src/machine/cores.js'

const V2 = '31 23 0:28 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n'
const V1 = `31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
33 31 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset
41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
`

describe('the folders of our control group', () => {
  test.each([
    ['version 2', '0::/user.slice/session.scope\n', V2, ['user.slice/session.scope', 'user.slice', '']],
    ['version 2, in a container that sees itself as the root', '0::/\n', V2, ['']],
    [
      'version 1, and the second mounted beside it',
      '9:cpuset:/x\n4:cpu,cpuacct:/a/b\n0::/\n',
      V1,
      ['cpu,cpuacct/a/b', 'cpu,cpuacct/a', 'cpu,cpuacct'],
    ],
    [
      'version 1, a container that sees the whole path but only its own part of the tree',
      '4:cpu,cpuacct:/docker/f00/job\n',
      V1.replace('0:29 /', '0:29 /docker/f00'),
      ['cpu,cpuacct/job', 'cpu,cpuacct'],
    ],
    ['a group outside what is mounted', '0::/../other\n', V2.replace('0:28 /', '0:28 /here'), ['']],
  ])('%s', (_, groups, mounts, expected) => {
    expect(cpuFolders(groups, mounts)).toEqual(expected.map((path) => `/sys/fs/cgroup${path && '/'}${path}`))
  })

  test('there are none on other systems', () => {
    expect(cpuFolders(undefined, undefined)).toEqual([])
    expect(findCpuGroup(() => undefined)).toBeUndefined()
  })
})

/** A tree of version 2 with a limit at some of its folders. */
const tree =
  (limits: Readonly<Record<string, string>>) =>
  (path: string): string | undefined =>
    ({ '/proc/self/cgroup': '0::/pod/container\n', '/proc/self/mountinfo': V2, ...limits })[path]

describe('the group that bounds us', () => {
  test.each([
    ['our own limit', { 'pod/container': '50000 100000', pod: '200000 100000' }, 'pod/container', 0.5],
    ['a tighter limit above', { 'pod/container': '400000 100000', pod: '200000 100000' }, 'pod', 2],
    ['a limit above, none of our own', { 'pod/container': 'max 100000', pod: '100000 100000' }, 'pod', 1],
    ['no limit at all', { 'pod/container': 'max 100000' }, 'pod/container', Number.POSITIVE_INFINITY],
    ['a system that does not tell', {}, 'pod/container', undefined],
  ])('%s', (_, limits, folder, quotaCores) => {
    const files = Object.entries(limits).map(([at, text]) => [`/sys/fs/cgroup/${at}/cpu.max`, text])
    expect(findCpuGroup(tree(Object.fromEntries(files) as Record<string, string>))).toEqual({
      statFile: `/sys/fs/cgroup/${folder}/cpu.stat`,
      quotaCores,
    })
  })
})

describe('usable cores', () => {
  test.each([
    ['all, without a limit', 8, Number.POSITIVE_INFINITY, 8],
    ['all, where the group does not tell', 8, undefined, 8],
    ['those that the group grants', 64, 2, 2],
    ['whole ones of a part', 64, 2.5, 2],
    ['one at least', 64, 0.5, 1],
    ['no more than there are', 2, 16, 2],
  ])('are %s', (_, cores, quotaCores, expected) => {
    expect(usableCores(cores, { statFile: '', quotaCores })).toBe(expected)
  })

  test('are all where there are no groups', () => {
    expect(
      usableCores(
        8,
        findCpuGroup(() => undefined),
      ),
    ).toBe(8)
  })
})
