/** JSON of an unknown shape, walked without trusting it: anything missing or of another kind is undefined. */
export const at = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>(
    (node, key) =>
      typeof node === 'object' && node !== null && Object.hasOwn(node, key)
        ? (node as Readonly<Record<string | number, unknown>>)[key]
        : undefined,
    value,
  )

export const numberAt = (value: unknown, ...path: readonly (string | number)[]): number | undefined => {
  const found = at(value, ...path)
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined
}

/** A count or a size: whole and above 0. Engines write 0, -1 or null for "no limit" and "not known yet". */
export const countAt = (value: unknown, ...path: readonly (string | number)[]): number | undefined => {
  const found = numberAt(value, ...path)
  return found !== undefined && Number.isSafeInteger(found) && found > 0 ? found : undefined
}

export const textAt = (value: unknown, ...path: readonly (string | number)[]): string | undefined => {
  const found = at(value, ...path)
  return typeof found === 'string' && found !== '' ? found : undefined
}

export const listAt = (value: unknown, ...path: readonly (string | number)[]): readonly unknown[] => {
  const found = path.length === 0 ? value : at(value, ...path)
  return Array.isArray(found) ? (found as readonly unknown[]) : []
}

/** The named settings as text. Named ones only: such pages also hold keys and paths that are nobody's business. */
export function settingsIn(value: unknown, names: readonly string[]): Record<string, string> | undefined {
  const told = names.flatMap((name) => {
    const setting = at(value, name)
    return ['string', 'number', 'boolean'].includes(typeof setting) ? [[name, String(setting)] as const] : []
  })
  return told.length === 0 ? undefined : Object.fromEntries(told)
}

/** Sum over the entries that tell; undefined where none does. */
export function sumAt(list: readonly unknown[], name: string): number | undefined {
  const told = list.flatMap((entry) => numberAt(entry, name) ?? [])
  return told.length === 0 ? undefined : told.reduce((a, b) => a + b, 0)
}
