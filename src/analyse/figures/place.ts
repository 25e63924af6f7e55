import { createHash } from 'node:crypto'
import type { ClientPlace, MachineFacts } from '../../record/index.js'

/** Patch levels change with every update, and say nothing of how fast a machine is. */
const withoutPatch = (text: string): string => text.replace(/(\d+\.\d+)[.\d]*[^\s]*/g, '$1')

/** What the kernel keeps for itself is not the same after each start. */
const toGiB = (bytes: number): number => Math.round(bytes / 2 ** 30)

/** Where the clients ran, with a fingerprint that is equal for like machines. */
export function clientPlace({ node, platform, cpuModel, cpus, memoryBytes }: MachineFacts): ClientPlace {
  const facts = [withoutPatch(node), withoutPatch(platform), cpuModel, cpus, toGiB(memoryBytes)]
  const fingerprint = createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 12)
  return { node, platform, cpuModel, cpus, memoryBytes, fingerprint }
}
