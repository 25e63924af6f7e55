import type { Command } from './commands.js'
import { wrap } from './layout.js'

/** Head of the help, ahead of the commands. */
export const USAGE =
  '$0 <command>\n\nLoad testing and latency benchmarking for LLM inference: finds where throughput falls off, and says why.'

/** Options that every command has. */
const COMMON = [
  ['--version', 'Show version number', '[boolean]'],
  ['--help', 'Show help', '[boolean]'],
] as const

/** Below this the parser's own layout wraps in ways that are not worth following. */
const LEAST_WIDTH = 72

/**
 * The text of `falloff --help`, exactly as the parser would print it: loading the parser takes longer than all the rest of the
 * answer. Null for a terminal too narrow; the parser answers then.
 */
export function overview(commands: readonly Command[], width: number): string | null {
  if (width < LEAST_WIDTH) return null
  const names = commands.map(({ usage }) => `falloff ${usage}`)
  const indent = Math.max(...names.map((name) => name.length)) + 4
  const rows = commands.flatMap(({ describe }, i) =>
    wrap(describe, width - indent).map((line, row) => `${left(row === 0 ? names[i] : '', indent)}${line}`),
  )
  const options = COMMON.map(([flag, describe, type]) => {
    const line = `${left(flag, '--version'.length + 4)}${describe}`
    return `${line}${type.padStart(width - line.length)}`
  })
  const head = USAGE.replace('$0', 'falloff').split('\n')
  return [
    ...head.flatMap((line) => wrap(line, width)),
    '',
    'Commands:',
    ...rows,
    '',
    'Options:',
    ...options,
  ].join('\n')
}

/** A left column: indented by two. */
const left = (text = '', width: number): string => `  ${text}`.padEnd(width)
