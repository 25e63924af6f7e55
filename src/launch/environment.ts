import { keepSecrets, type Problem, UsageError } from '../base/index.js'

type Environment = Readonly<Record<string, string | undefined>>

const VARIABLE = /\$\{([A-Za-z_]\w*)\}/g

/**
 * The engine's own variables, with `${NAME}` replaced from the environment. What is put in is kept out of all that is
 * written from here on.
 *
 * @throws UsageError naming every variable that is not set; never with a value
 */
export function resolveEnv(
  wanted: Readonly<Record<string, string>>,
  environment: Environment,
): Record<string, string> {
  const problems: Problem[] = []
  const entries = Object.entries(wanted).map(([name, text]) => {
    const value = text.replace(VARIABLE, (_, variable: string) => {
      const found = environment[variable]
      if (found === undefined) {
        problems.push({
          place: `engine.env.${name}`,
          message: `${variable} is not set in the environment; export it`,
        })
      } else keepSecrets([found])
      return found ?? ''
    })
    return [name, value] as const
  })
  if (problems.length > 0) throw new UsageError(problems)
  return Object.fromEntries(entries)
}
