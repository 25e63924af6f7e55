import yargs, { type Argv } from 'yargs'
import { COMMANDS } from './commands.js'
import { fail } from './fail.js'
import { USAGE } from './overview.js'

/** The command line's grammar. @param width at which help is wrapped */
export function parserOf(words: readonly string[], width: number, version: string): Argv {
  const parser = yargs([...words])
    .scriptName('falloff')
    // All other text is English.
    .locale('en')
    .usage(USAGE)
  for (const command of COMMANDS) command.register(parser)
  return parser
    .demandCommand(1, 'Give a command; `falloff demo` is a good first one.')
    .recommendCommands()
    .strict()
    .wrap(width)
    .version(version)
    .help()
    .fail((message, error, failed) => {
      if (!error) failed.showHelp('error')
      fail(error ?? new Error(message), !error)
    })
}
