import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../../src/cli/commands.js'
import { overview } from '../../src/cli/overview.js'
import { parserOf } from '../../src/cli/parse.js'
import { falloff, freshFolder } from './command.js'

describe('the help that needs no parser', () => {
  // One below the width of an unknown terminal, that itself, and the ends of the range; words wrap at other places in each.
  test.each([72, 73, 79, 80, 91, 99, 100, 109, 110])(
    'is what the parser prints at a width of %i',
    async (width) => {
      expect(overview(COMMANDS, width)).toBe(await parserOf([], width, '1.2.3').getHelp())
    },
  )

  test('is left to the parser where the terminal is narrow', () => {
    expect(overview(COMMANDS, 60)).toBeNull()
  })

  test.each([
    ['--help', overview(COMMANDS, 100)],
    [
      '--version',
      (
        JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
          version: string
        }
      ).version,
    ],
  ])('%s answers on stdout with exit code 0', async (flag, answer) => {
    expect(await falloff([flag], freshFolder())).toEqual({ code: 0, stdout: `${answer}\n`, stderr: '' })
  })
})

test('a command answers for its own flags', async () => {
  const { code, stdout } = await falloff(['run', '--help'], freshFolder())
  expect(code).toBe(0)
  expect(stdout).toMatch(/--concurrency +closed loop/)
})

test('no command at all is exit code 2, with the help on stderr', async () => {
  const { code, stdout, stderr } = await falloff([], freshFolder())
  expect(code).toBe(2)
  expect(stdout).toBe('')
  expect(stderr).toContain('Give a command')
  expect(stderr).toContain('falloff sweep [profile]')
})
