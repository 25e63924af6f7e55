import { createHash } from 'node:crypto'
import type { RunManifest } from '../../record/index.js'

/** Of one run its own hash; of a sweep one over those of its points, in whatever order they were measured. */
export function loadHash(manifests: readonly RunManifest[]): string {
  const hashes = [...new Set(manifests.map((m) => m.workloadHash))].sort()
  const [only = ''] = hashes
  return hashes.length === 1 ? only : createHash('sha256').update(hashes.join('\n')).digest('hex')
}
