type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
type Fields = { readonly [key: string]: Json }

/** A strategic merge patch as the cluster applies it: objects by key, named entries of lists by name, null and `$patch: delete` remove. */
export function merged(before: unknown, patch: unknown): unknown {
  return mergedJson(before as Json, patch as Json)
}

function mergedJson(before: Json | undefined, patch: Json): Json {
  if (Array.isArray(patch))
    return patch.every(isNamed) && patch.length > 0 ? mergedList(before, patch) : patch
  if (!isFields(patch)) return patch
  const entries = new Map(Object.entries(isFields(before) ? before : {}))
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) entries.delete(key)
    else entries.set(key, mergedJson(entries.get(key), value))
  }
  return Object.fromEntries(entries)
}

function mergedList(before: Json | undefined, patch: readonly Fields[]): Json {
  const list = Array.isArray(before) ? before.filter(isNamed) : []
  const byName = new Map(list.map((entry) => [entry.name, entry]))
  for (const entry of patch) {
    if (entry.$patch === 'delete') byName.delete(entry.name)
    else byName.set(entry.name, mergedJson(byName.get(entry.name), entry) as Fields)
  }
  return [...byName.values()]
}

const isFields = (value: Json | undefined): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isNamed = (value: Json): value is Fields => isFields(value) && typeof value.name === 'string'
