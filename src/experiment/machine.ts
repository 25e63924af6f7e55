import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, platform, release, totalmem } from 'node:os'
import { attemptsAllowed, type Profile } from '../profile/index.js'
import type { MachineFacts } from '../record/index.js'

export const machineFacts = (): MachineFacts => ({
  node: process.version,
  platform: `${platform()} ${release()} ${process.arch}`,
  cpuModel: cpus()[0]?.model ?? 'unknown',
  cpus: availableParallelism(),
  memoryBytes: totalmem(),
})

export const TOOL_VERSION: string = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version

/** JSON with sorted keys: equal values, equal text. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

/** Equal for runs that put the same load on their targets, whatever the targets are. */
export function workloadHash({ workload, load, limits, seeds, retry }: Profile): string {
  const parts = { workload, load, limits, seeds, ...(attemptsAllowed(retry) > 1 && { retry }) }
  return createHash('sha256').update(canonicalJson(parts)).digest('hex')
}
