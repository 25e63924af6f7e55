#!/usr/bin/env node
import { COMMANDS } from './commands.js'
import { layoutWidth } from './layout.js'
import { overview } from './overview.js'
import { version } from './version.js'

/** Nothing heavy is loaded before a command is known: `--help` and `--version` answer without even the parser. */

const words = process.argv.slice(2)
const width = layoutWidth()

/** The answer where it needs no parser. */
function quickAnswer(): string | null {
  if (words.length !== 1) return null
  if (words[0] === '--version') return version()
  return words[0] === '--help' ? overview(COMMANDS, width) : null
}

const answer = quickAnswer()
if (answer !== null) process.stdout.write(`${answer}\n`)
else {
  const { parserOf } = await import('./parse.js')
  await parserOf(words, width, version()).parseAsync()
}
