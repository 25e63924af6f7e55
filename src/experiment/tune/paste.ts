import { kebabCase } from '../../base/index.js'
import type { TuneKnob, TuneResult, TuneValue } from '../../record/index.js'
import type { Given } from './bench.js'

/** The setting in the forms in which engines are told: words of a command line, a compose file's `command`, Helm values. */
export function pasteOf(
  given: Given,
  knobs: readonly TuneKnob[],
  engine: { readonly kind: string; readonly model: string },
): TuneResult['paste'] {
  const words = Object.entries(given).flatMap(([name, value]) => wordsOf(flagOf(name, knobs), value))
  if (words.length === 0) return null
  const list = (indent: string): string =>
    words.map((word) => `${indent}- ${JSON.stringify(word)}`).join('\n')
  const service = engine.kind === 'simulator' ? 'engine' : engine.kind
  return {
    flags: words.join(' '),
    compose: `services:\n  ${service}:\n    command:\n      # after what is there already\n${list('      ')}\n`,
    helm: `# values.yaml: arguments of the engine's container, after what is there already\nextraArgs:\n${list('  ')}\n`,
  }
}

const flagOf = (name: string, knobs: readonly TuneKnob[]): string =>
  knobs.find((k) => k.name === name)?.flag ?? `--${kebabCase(name)}`

/** A boolean is a flag by itself; what is off has the flag that says so. */
function wordsOf(flag: string, value: TuneValue): readonly string[] {
  if (value === true) return [flag]
  if (value === false) return [flag.replace(/^--/, '--no-')]
  return [flag, String(value)]
}
