import { parse } from 'yaml'
import type { Problem } from '../base/index.js'

/** One value given on the command line, to be laid over the profile. */
export interface Setting {
  /** Dotted path, such as `load.ratePerS`. */
  readonly path: string
  readonly value: unknown
  /** How the user wrote it, for error messages. */
  readonly flag: string
}

type Tree = Record<string, unknown>
const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `load.ratePerS=12` → path and value; the value is read as YAML, so numbers, lists and maps work. */
export function parseSetting(text: string): Setting | Problem {
  const at = text.indexOf('=')
  const flag = `--set ${text}`
  if (at < 1) return { place: flag, message: 'expected PATH=VALUE, such as --set load.ratePerS=12' }
  try {
    return { path: text.slice(0, at).trim(), value: parse(text.slice(at + 1)) as unknown, flag }
  } catch {
    return { place: flag, message: `the value "${text.slice(at + 1)}" is no YAML value` }
  }
}

/** Lays settings over a copy of `raw`; `raw` itself is left as it is. */
export function applySettings(raw: unknown, settings: readonly Setting[], problems: Problem[]): unknown {
  if (settings.length === 0) return raw
  const root: Tree = isTree(raw) ? structuredClone(raw) : {}
  for (const setting of settings) {
    const keys = setting.path.split('.')
    const last = keys.pop() ?? ''
    let node: Tree = root
    for (const key of keys) {
      const next = node[key]
      if (next !== undefined && !isTree(next)) {
        problems.push({ place: setting.flag, message: `"${key}" holds a plain value and has no "${last}"` })
        break
      }
      const child = next ?? {}
      node[key] = child
      node = child
    }
    // A value of `undefined` takes a key away: `--concurrency` must be able to displace a profile's `ratePerS`.
    if (setting.value === undefined) delete node[last]
    else node[last] = setting.value
  }
  return root
}
