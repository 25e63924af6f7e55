import { nearest, type Problem } from '../base/index.js'
import type { EngineKind, EngineSettings, SettingSpec } from './contract.js'

/** Everything that is wrong with settings of an engine. */
export function settingProblems(kind: EngineKind, settings: EngineSettings): readonly Problem[] {
  const known = kind.settings
  if (known === 'any') return []
  return Object.entries(settings).flatMap(([name, value]) => {
    const place = `engine.settings.${name}`
    const spec = Object.hasOwn(known, name) ? known[name] : undefined
    const message =
      spec === undefined ? unknownSetting(name, kind.title, Object.keys(known)) : wrongValue(spec, value)
    return message === undefined ? [] : [{ place, message }]
  })
}

function unknownSetting(name: string, title: string, known: readonly string[]): string {
  if (known.length === 0)
    return `${title} takes no settings; write its flags into engine.args or engine.command`
  const guess = nearest(name, known)
  const hint = guess === undefined ? `known: ${known.join(', ')}` : `did you mean "${guess}"?`
  return `unknown setting "${name}" of ${title}; ${hint} (any other flag goes into engine.args)`
}

const EXPECTED: Readonly<Record<SettingSpec['type'], string>> = {
  whole: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  text: 'a word',
}

function wrongValue({ type, what }: SettingSpec, value: number | boolean | string): string | undefined {
  const fits = {
    whole: Number.isInteger(value),
    number: Number.isFinite(value),
    boolean: typeof value === 'boolean',
    text: typeof value === 'string' && value !== '',
  }[type]
  return fits ? undefined : `expected ${EXPECTED[type]} (${what}); got ${JSON.stringify(value)}`
}

/** The words of a command line that say the settings, in the order in which the engine declares them. */
export function flagsOf(
  specs: Readonly<Record<string, SettingSpec>>,
  settings: EngineSettings,
): readonly string[] {
  return Object.entries(specs).flatMap(([name, { flag, offFlag, type }]) => {
    const value = settings[name]
    if (value === undefined) return []
    if (type !== 'boolean') return [flag, String(value)]
    if (value === true) return [flag]
    return offFlag === undefined ? [] : [offFlag]
  })
}
