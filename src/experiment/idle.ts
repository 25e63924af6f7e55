import { monotonicNs, runClock, sToNs } from '../base/index.js'
import { tryJson } from '../observe/index.js'
import type { PreparedTarget } from './target.js'

const IDLE_TIMEOUT_S = 10

/** Lets the engine finish what a point before left behind, where it tells; points must not inherit each other's load. */
export async function untilIdle({ baseUrl, headers, facts }: PreparedTarget): Promise<void> {
  if (facts.engine !== 'vllm' && facts.engine !== 'falloff-simulator') return
  const clock = runClock(monotonicNs())
  while (clock.nowNs() < sToNs(IDLE_TIMEOUT_S)) {
    const load = (await tryJson(`${baseUrl}/load`, { headers })) as { server_load?: number } | undefined
    if (!load?.server_load) return
    await clock.until(clock.nowNs() + sToNs(0.1))
  }
}
