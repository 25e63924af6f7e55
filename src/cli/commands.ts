import type { ArgumentsCamelCase, Argv } from 'yargs'
import {
  calibrateOptions,
  demoOptions,
  doctorOptions,
  reportOptions,
  runOptions,
  simulateOptions,
  sweepOptions,
} from './options.js'

/** One command of `falloff`. `overview.ts` and the parser both read this list, so that they cannot disagree. */
export interface Command {
  /** Name and positional arguments, as in `run [profile]`. */
  readonly usage: string
  readonly describe: string
  register(y: Argv): void
}

function command<A>(
  usage: string,
  describe: string,
  options: (y: Argv) => Argv<A>,
  start: (argv: ArgumentsCamelCase<A>) => Promise<void>,
): Command {
  return { usage, describe, register: (y) => void y.command(usage, describe, options, start) }
}

/** Only declarations: what a command is made of is loaded when it is started. */
export const COMMANDS: readonly Command[] = [
  command(
    'demo',
    'sweep the embedded simulator into its falloff and write a report (no server, no GPU, no key)',
    demoOptions,
    async (argv) => (await import('./commands/demo.js')).demoCommand(argv),
  ),
  command(
    'run [profile]',
    'drive one load at a target, record every token, print and report what was found',
    runOptions,
    async (argv) => (await import('./commands/run.js')).runCommand(argv),
  ),
  command(
    'sweep [profile]',
    'measure at many loads, find the knee and name its cause',
    sweepOptions,
    async (argv) => (await import('./commands/sweep.js')).sweepCommand(argv),
  ),
  command(
    'report <results..>',
    'build the HTML report from recorded results; several are compared',
    reportOptions,
    async (argv) => (await import('./commands/report.js')).reportCommand(argv),
  ),
  command(
    'doctor [profile]',
    'say whether this machine is fit for the load planned, and what to change',
    doctorOptions,
    async (argv) => (await import('./commands/doctor.js')).doctorCommand(argv),
  ),
  command(
    'calibrate',
    'measure the error of our own times on this machine, load by load',
    calibrateOptions,
    async (argv) => (await import('./commands/calibrate.js')).calibrateCommand(argv),
  ),
  command('simulate <engine>', 'serve a simulated vLLM on loopback', simulateOptions, async (argv) =>
    (await import('./commands/simulate.js')).simulateCommand(argv),
  ),
  command(
    'profiles',
    'list the shipped profiles and simulated engines',
    (y) => y,
    async () => (await import('./commands/profiles.js')).profilesCommand(),
  ),
]
