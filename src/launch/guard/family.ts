import { loadLibc, PR_SET_CHILD_SUBREAPER } from '../../kernel/index.js'
import { descendantsOf, type ProcessEntry, readProcessTable } from './process-table.js'

/** The engine's processes, as the guard can find and end them. */
export interface Family {
  /** Whether what is started joins the guard's own group; else the engine must be given one at its start. */
  readonly groupIsOurs: boolean
  /** Those that live. Undefined where the system lists no processes. */
  living(engine: number): readonly ProcessEntry[] | undefined
}

/**
 * Makes this process the leader of a group, which Ctrl-C at the terminal does not reach, and the parent of every orphan
 * among its descendants, so that none escapes by leaving its parent or its group. It stays in the session: Linux shares the
 * processor out by session (sched_autogroup), and an engine that computes without a pause would else keep the load generator
 * waiting for half a second at a time.
 *
 * Where the C library cannot be called, the engine gets a session of its own instead, by which it is found again.
 */
export function foundFamily(): Family {
  const loaded = loadLibc()
  const libc = loaded.available ? loaded.libc : undefined
  const groupIsOurs = libc !== undefined && libc.setpgid(0, 0) === 0
  libc?.prctl(PR_SET_CHILD_SUBREAPER, 1)
  return {
    groupIsOurs,
    living(engine) {
      const table = readProcessTable()
      if (table === undefined) return undefined
      const mine = descendantsOf(process.pid, table)
      // Nobody else asks how an adopted orphan ended; of its own child Node does.
      for (const { pid, parent, zombie } of mine) {
        if (zombie && parent === process.pid && pid !== engine) libc?.reap(pid)
      }
      const strays = groupIsOurs ? [] : table.filter(({ session }) => session === engine)
      return [...new Map([...mine, ...strays].map((entry) => [entry.pid, entry])).values()].filter(
        (e) => !e.zombie,
      )
    },
  }
}
