import { join } from 'node:path'
import { readText } from './files.js'
import { parseCpuMax, parseQuota } from './parse.js'

/** The control group that bounds our time on the cores. */
export interface CpuGroup {
  /** Its `cpu.stat`. */
  readonly statFile: string
  /** How many cores' time it may use; Infinity without a limit, undefined where it does not tell. */
  readonly quotaCores: number | undefined
}

/**
 * The group with the tightest limit among ours and those above it; ours where none has a limit.
 *
 * @returns undefined where there are no control groups
 */
export function findCpuGroup(read: (path: string) => string | undefined = readText): CpuGroup | undefined {
  const folders = cpuFolders(read('/proc/self/cgroup'), read('/proc/self/mountinfo'))
  let tightest: CpuGroup | undefined
  for (const folder of folders) {
    const quotaCores =
      parseCpuMax(read(join(folder, 'cpu.max'))) ??
      parseQuota(read(join(folder, 'cpu.cfs_quota_us')), read(join(folder, 'cpu.cfs_period_us')))
    const group = { statFile: join(folder, 'cpu.stat'), quotaCores }
    const limit = tightest?.quotaCores ?? Number.POSITIVE_INFINITY
    if (tightest === undefined || (quotaCores ?? Number.POSITIVE_INFINITY) < limit) tightest = group
  }
  return tightest
}

/**
 * Folders of our group and those above it, ours first. The first version of control groups has a hierarchy for `cpu`, which
 * counts where it exists; the second has one for all.
 */
export function cpuFolders(groups: string | undefined, mounts: string | undefined): readonly string[] {
  const rows = (groups ?? '').trim().split('\n').map(parseGroup)
  const first = rows.find(({ controllers }) => controllers.includes('cpu'))
  const own = first ?? rows.find(({ controllers }) => controllers.length === 0)
  const mount = mountsOf(mounts).find(({ type, options }) =>
    first ? type === 'cgroup' && options.includes('cpu') : type === 'cgroup2',
  )
  if (!own || !mount) return []
  // Inside a container the mount shows the hierarchy from `root` on; a path outside it cannot be seen.
  const inside = own.path === mount.root || own.path.startsWith(mount.root.replace(/\/?$/, '/'))
  const steps = inside ? own.path.slice(mount.root.length).split('/').filter(Boolean) : []
  return steps.map((_, i) => join(mount.at, ...steps.slice(0, steps.length - i))).concat(mount.at)
}

/** `4:cpu,cpuacct:/path`; without controllers in version 2. */
function parseGroup(row: string): { controllers: readonly string[]; path: string } {
  const [, controllers = '-', ...path] = row.split(':')
  return { controllers: controllers === '' ? [] : controllers.split(','), path: path.join(':') }
}

interface Mount {
  readonly root: string
  readonly at: string
  readonly type: string
  readonly options: readonly string[]
}

/** `36 35 98:0 /root /at rw,… shared:1 - type source options`, see proc_pid_mountinfo(5). */
function mountsOf(text: string | undefined): readonly Mount[] {
  return (text ?? '').split('\n').flatMap((row) => {
    const [place = '', kind] = row.split(' - ')
    const [, , , root, at] = place.split(' ')
    const [type, , options] = (kind ?? '').split(' ')
    if (root === undefined || at === undefined || type === undefined) return []
    return [{ root, at, type, options: (options ?? '').split(',') }]
  })
}
