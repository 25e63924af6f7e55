import type { Argv } from 'yargs'
import { type ArgumentsOf, FORMAT, profileOptions, YES } from './shared.js'

export const doctorOptions = <T>(y: Argv<T>) =>
  profileOptions(y)
    .option('streams', {
      type: 'string',
      describe: 'judge for this many requests in flight at once, whatever the profile says',
    })
    .option('format', FORMAT)
    .example('$0 doctor --streams 1000', 'fit for a thousand streams?')
    .example('$0 doctor chat --target http://127.0.0.1:8000 --rate 40', 'fit for this load?')

/** In ms, as a word: a wrong one is shown as it was given. */
export const DEFAULT_BOUND_MS = '1'

export const calibrateOptions = <T>(y: Argv<T>) =>
  y
    .option('transport', {
      choices: ['both', 'kernel', 'undici'] as const,
      default: 'both' as const,
      describe: 'whose stamps are examined; both takes those of the kernel where they can be had',
    })
    .option('streams', {
      type: 'string',
      describe: 'measure evenly paced streams at these numbers alone, such as 1,50,256,1000',
    })
    .option('seconds', { type: 'string', describe: 'measured at each load; 4, or 1 when quick' })
    .option('bound', {
      type: 'string',
      default: DEFAULT_BOUND_MS,
      describe: 'ms that the p99 of an error may reach',
    })
    .option('workers', { type: 'string', default: '1', describe: 'worker threads that share the streams' })
    .option('quick', { type: 'boolean', default: false, describe: 'a few loads only' })
    .option('store', {
      type: 'boolean',
      describe:
        'keep how many streams a worker carries, and their cost, for later runs on this machine, which choose their workers by it; ' +
        'done without asking only after the whole series: no --transport, --streams, --bound or --quick (--no-store: not even then)',
    })
    .option('results', {
      type: 'string',
      describe: "folder that receives every run with the emitter's log; discarded when left out",
    })
    .option('out', {
      type: 'string',
      default: 'reports/calibration.html',
      describe: 'path of the HTML report',
    })
    .option('format', FORMAT)
    .example('$0 calibrate', 'both transports, 1 to 1,000 streams; about four minutes')
    .example('$0 calibrate --streams 1,50,256,1000 --bound 0.1', 'these loads, held to 0.1 ms')

export const compareTransportsOptions = <T>(y: Argv<T>) =>
  profileOptions(y)
    .option('raw', {
      choices: ['both', 'kernel', 'undici'] as const,
      default: 'both' as const,
      describe: 'whose bytes the official client is set against; both takes the kernel where it can be had',
    })
    .option('streams', { type: 'string', default: '1,50,200', describe: 'streams at once, load by load' })
    .option('pace', {
      type: 'string',
      default: '50',
      describe: 'tokens a second in each stream of the emitter, which is asked where no target is named',
    })
    .option('turns', { type: 'string', default: '2', describe: 'of each transport at each load' })
    .option('seconds', { type: 'string', default: '4', describe: 'measured in each turn' })
    .option('results', {
      type: 'string',
      describe: 'folder that receives every run; discarded when left out',
    })
    .option('yes', YES)
    .option('format', FORMAT)
    .example('$0 compare-transports', 'what the official openai client costs at 1, 50 and 200 streams')
    .example('$0 compare-transports --target http://127.0.0.1:8000 --api anthropic-messages', 'at a server')

export type DoctorArguments = ArgumentsOf<typeof doctorOptions>
export type CalibrateArguments = ArgumentsOf<typeof calibrateOptions>
export type CompareTransportsArguments = ArgumentsOf<typeof compareTransportsOptions>
