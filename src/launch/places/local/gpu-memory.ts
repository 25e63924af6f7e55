import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const MIB = 1024 ** 2
const QUERY = ['--query-gpu=memory.used', '--format=csv,noheader,nounits']
const TOOL_MS = 10_000
const LOOK_EVERY_MS = 500
const GIVE_UP_MS = 30_000
/** The driver keeps a little for other processes that come and go. */
const SLACK_BYTES = 256 * MIB

/** Memory in use on all GPUs of this machine together, in bytes; undefined where nvidia-smi does not tell. */
async function usedGpuMemory(): Promise<number | undefined> {
  try {
    const { stdout } = await promisify(execFile)('nvidia-smi', QUERY, { timeout: TOOL_MS })
    const used = stdout.trim().split('\n').map(Number)
    return used.every(Number.isFinite) ? used.reduce((sum, mib) => sum + mib, 0) * MIB : undefined
  } catch {
    return undefined
  }
}

/** Remembers how much is in use now. */
export async function watchGpuMemory(): Promise<{ untilReleased(): Promise<string | undefined> }> {
  const before = await usedGpuMemory()
  return {
    /** Resolves once no more is in use than before, with what the user is to know when that does not happen. */
    async untilReleased() {
      if (before === undefined) return undefined
      for (const endMs = performance.now() + GIVE_UP_MS; ; await sleep(LOOK_EVERY_MS)) {
        const more = ((await usedGpuMemory()) ?? before) - before
        if (more <= SLACK_BYTES) return undefined
        if (performance.now() > endMs) {
          return `GPU memory was not given back within ${GIVE_UP_MS / 1_000} s: ${Math.round(more / MIB)} MiB more are in use than before the start`
        }
      }
    },
  }
}
