import type { RunManifest, TargetFacts } from '../../record/index.js'
import type { ConfigurationDifference } from './findings.js'

/** Settings and facts of the sides' first runs that are not the same. A result of another tool tells none: it differs in nothing. */
export function configurationDifferences(
  manifests: readonly (RunManifest | undefined)[],
): readonly ConfigurationDifference[] {
  const flat = manifests.map((m) => m && flatten({ ...m.profile, ...engineOf(m), version: m.tool.version }))
  const told = flat.filter((f) => f !== undefined)
  const keys = [...new Set(told.flatMap((f) => [...f.keys()]))].sort()
  return keys
    .filter((key) => new Set(told.map((f) => f.get(key))).size > 1)
    .map((key) => ({ key, values: flat.map((f) => (f ? (f.get(key) ?? 'not set') : 'not told')) }))
}

/** The port of an engine that falloff started was falloff's choice, and is no setting. */
function engineOf({ target, launch }: RunManifest): { engineFacts: Partial<TargetFacts>; launch?: string } {
  if (launch === undefined) return { engineFacts: target }
  const { url: _ours, ...engineFacts } = target
  return { engineFacts, launch: launch.commandLine.replace(/(--port[ =])\d+/, '$1…') }
}

/** `{ a: { b: 1 } }` → `a.b` → `1`. Lists are values. */
function flatten(value: object, path = ''): Map<string, string> {
  const flat = new Map<string, string>()
  for (const [key, inner] of Object.entries(value) as [string, unknown][]) {
    const place = path === '' ? key : `${path}.${key}`
    if (inner === undefined) continue
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) {
      for (const [k, v] of flatten(inner, place)) flat.set(k, v)
    } else flat.set(place, typeof inner === 'string' ? inner : JSON.stringify(inner))
  }
  return flat
}
