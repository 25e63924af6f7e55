/** Stands where a secret stood. */
export const MASK = '[secret]'

/** A shorter value would be found in half of all words; nobody's key is that short. */
const LEAST_LENGTH = 4

/**
 * The secrets of this thread, in memory only. Whatever a server says may hold one: it may echo what it was sent. So its words
 * are redacted where they enter a record, the facts of a target, or a message for the user.
 */
const secrets = new Set<string>()

/** Each as it is, and as a URL or JSON text would hold it. Those too short to be told from other words are left out. */
export function keepSecrets(values: readonly string[]): void {
  for (const value of values) {
    if (value.trim().length < LEAST_LENGTH) continue
    const inJson = JSON.stringify(value).slice(1, -1)
    const inOneLine = value.replace(/\s+/g, ' ').trim()
    for (const form of [value, inOneLine, inJson, encodeURIComponent(value)]) secrets.add(form)
  }
}

/** For the threads that this one starts. */
export const keptSecrets = (): readonly string[] => [...secrets]

/** The text without any secret; a text cut short may end inside one, whose beginning goes too. */
export function redact(text: string): string {
  let clean = text
  for (const secret of secrets) {
    clean = clean.replaceAll(secret, MASK)
    for (let length = Math.min(secret.length - 1, clean.length); length >= LEAST_LENGTH; length--) {
      if (!clean.endsWith(secret.slice(0, length))) continue
      clean = clean.slice(0, -length) + MASK
      break
    }
  }
  return clean
}

/** The same of every text in plain data, names of fields included. */
export function redactAll<T>(value: T): T {
  if (secrets.size === 0) return value
  if (typeof value === 'string') return redact(value) as T
  if (Array.isArray(value)) return value.map(redactAll) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [redact(name), redactAll(inner as unknown)]),
  ) as T
}
