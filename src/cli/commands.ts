import type { ArgumentsCamelCase, Argv } from 'yargs'
import { compareOptions } from './options/compare.js'
import { baselineOptions, gateOptions, historyOptions, trendOptions } from './options/gates.js'
import { calibrateOptions, compareTransportsOptions, doctorOptions } from './options/instrument.js'
import { coldstartOptions, demoOptions, runOptions, sweepOptions, tuneOptions } from './options/measure.js'
import { chartOptions, exportOptions, importOptions, reportOptions } from './options/results.js'
import { floorOptions, limitsOptions, probeOptions, simulateOptions } from './options/targets.js'

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
    'tune [profile]',
    'search the engine settings that hold most load within the objectives, and prove the gain',
    tuneOptions,
    async (argv) => (await import('./commands/tune.js')).tuneCommand(argv),
  ),
  command(
    'compare <sides..>',
    'say which is better, by how much and how sure: profiles measured in turns, or results that are there',
    compareOptions,
    async (argv) => (await import('./commands/compare.js')).compareCommand(argv),
  ),
  command(
    'report <results..>',
    'build the HTML report from recorded results; several are compared',
    reportOptions,
    async (argv) => (await import('./commands/report.js')).reportCommand(argv),
  ),
  command(
    'gate <results..>',
    'hold results against limits and a baseline, and end with an exit code for a CI',
    gateOptions,
    async (argv) => (await import('./commands/gate.js')).gateCommand(argv),
  ),
  command(
    'baseline <action> [names..]',
    'save results under a name, list what is saved, compare results with it',
    baselineOptions,
    async (argv) => (await import('./commands/baseline.js')).baselineCommand(argv),
  ),
  command(
    'history <action> [results..]',
    'append results to a history that is never changed',
    historyOptions,
    async (argv) => (await import('./commands/history.js')).historyCommand(argv),
  ),
  command(
    'trend [file]',
    'draw figures of a history over time, with their boundaries and change points',
    trendOptions,
    async (argv) => (await import('./commands/trend.js')).trendCommand(argv),
  ),
  command(
    'chart <results..>',
    'write the charts of a report or a comparison as SVG or PNG, or the figures behind them as CSV',
    chartOptions,
    async (argv) => (await import('./commands/chart.js')).chartCommand(argv),
  ),
  command(
    'export <folder>',
    'write a result as Parquet, CSV, .hlog, OpenMetrics, OTLP or InfluxDB lines, or send it to a server',
    exportOptions,
    async (argv) => (await import('./commands/export.js')).exportCommand(argv),
  ),
  command(
    'import <file>',
    'read another tool’s result, and set it beside one of ours, definition by definition',
    importOptions,
    async (argv) => (await import('./commands/import.js')).importCommand(argv),
  ),
  command(
    'doctor [profile]',
    'say whether this machine is fit for the load planned, and what to change',
    doctorOptions,
    async (argv) => (await import('./commands/doctor.js')).doctorCommand(argv),
  ),
  command(
    'probe <url>',
    'find out what answers at an address, and write it down for later runs',
    probeOptions,
    async (argv) => (await import('./commands/probe.js')).probeCommand(argv),
  ),
  command(
    'limits [profile]',
    'find out how many requests and tokens a minute a target lets in',
    limitsOptions,
    async (argv) => (await import('./commands/limits.js')).limitsCommand(argv),
  ),
  command(
    'coldstart [profile]',
    'start an engine again and again: what its start consists of, and what becomes of requests meanwhile',
    coldstartOptions,
    async (argv) => (await import('./commands/coldstart.js')).coldstartCommand(argv),
  ),
  command(
    'calibrate',
    'measure the error of our own times on this machine, load by load',
    calibrateOptions,
    async (argv) => (await import('./commands/calibrate.js')).calibrateCommand(argv),
  ),
  command(
    'compare-transports [profile]',
    'measure what the official openai or @anthropic-ai/sdk client costs over the bytes alone',
    compareTransportsOptions,
    async (argv) => (await import('./commands/compare-transports.js')).compareTransportsCommand(argv),
  ),
  command(
    'floor',
    'measure what a gateway costs by itself: plain requests with it and without it in the path',
    floorOptions,
    async (argv) => (await import('./commands/floor.js')).floorCommand(argv),
  ),
  command(
    'simulate <engine>',
    'serve a simulated engine on loopback, through every API',
    simulateOptions,
    async (argv) => (await import('./commands/simulate.js')).simulateCommand(argv),
  ),
  command(
    'profiles',
    'list the shipped profiles and simulated engines',
    (y) => y,
    async () => (await import('./commands/profiles.js')).profilesCommand(),
  ),
]
