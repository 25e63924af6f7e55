#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import yargs from 'yargs'
import { hideBin } from 'yargs/helpers'
import { fail } from './fail.js'
import {
  demoOptions,
  profilesCommandText,
  reportOptions,
  runOptions,
  simulateOptions,
  sweepOptions,
} from './options.js'

/** Nothing heavy is loaded before a command is known: `--help` must answer at once. */

const version = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version

await yargs(hideBin(process.argv))
  .scriptName('falloff')
  .usage(
    '$0 <command>\n\nLoad testing and latency benchmarking for LLM inference: finds where throughput falls off, and says why.',
  )
  .command(
    'demo',
    'sweep the embedded simulator into its falloff and write a report (no server, no GPU, no key)',
    demoOptions,
    async (argv) => {
      const { demoCommand } = await import('./commands/demo.js')
      await demoCommand(argv)
    },
  )
  .command(
    'run [profile]',
    'drive one load at a target, record every token, print and report what was found',
    runOptions,
    async (argv) => {
      const { runCommand } = await import('./commands/run.js')
      await runCommand(argv)
    },
  )
  .command(
    'sweep [profile]',
    'measure at many loads, find the knee and name its cause',
    sweepOptions,
    async (argv) => {
      const { sweepCommand } = await import('./commands/sweep.js')
      await sweepCommand(argv)
    },
  )
  .command(
    'report <results..>',
    'build the HTML report from recorded results; several are compared',
    reportOptions,
    async (argv) => {
      const { reportCommand } = await import('./commands/report.js')
      await reportCommand(argv)
    },
  )
  .command('simulate <engine>', 'serve a simulated vLLM on loopback', simulateOptions, async (argv) => {
    const { simulateCommand } = await import('./commands/simulate.js')
    await simulateCommand(argv)
  })
  .command('profiles', profilesCommandText, {}, async () => {
    const { profilesCommand } = await import('./commands/profiles.js')
    profilesCommand()
  })
  .demandCommand(1, 'Give a command; `falloff demo` is a good first one.')
  .recommendCommands()
  .strict()
  .wrap(Math.min(110, process.stdout.columns ?? 100))
  .version(version)
  .help()
  .fail((message, error, parser) => {
    if (!error) parser.showHelp('error')
    fail(error ?? new Error(message), !error)
  })
  .parseAsync()
