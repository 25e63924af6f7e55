import { readdirSync, readFileSync } from 'node:fs'

/** A process as the kernel lists it. */
export interface ProcessEntry {
  readonly pid: number
  readonly parent: number
  readonly session: number
  /** Ended, and waiting for its parent to ask how. */
  readonly zombie: boolean
}

/** All processes of the machine; undefined where there is no /proc. One that ends meanwhile is left out. */
export function readProcessTable(): readonly ProcessEntry[] | undefined {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => readEntry(pid) ?? [])
  } catch {
    return undefined
  }
}

function readEntry(pid: string): ProcessEntry | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return undefined
  }
}

/** `4631 (a name (with brackets)) S 4600 4631 4500 …`: pid, name, state, parent, process group, session. */
export function parseStat(text: string): ProcessEntry | undefined {
  const [state, parent, , session] = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const pid = Number.parseInt(text, 10)
  if (state === undefined || session === undefined || !Number.isInteger(pid)) return undefined
  return { pid, parent: Number(parent), session: Number(session), zombie: state === 'Z' || state === 'X' }
}

/** Everything that `root` started, and what that started, and so on; without `root` itself. */
export function descendantsOf(root: number, table: readonly ProcessEntry[]): readonly ProcessEntry[] {
  const found: ProcessEntry[] = []
  for (let parents = new Set([root]); parents.size > 0; ) {
    const children = table.filter(({ parent }) => parents.has(parent))
    found.push(...children)
    parents = new Set(children.map(({ pid }) => pid))
  }
  return found
}
