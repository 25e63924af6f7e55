import type { Argv } from 'yargs'
import { type ArgumentsOf, FORMAT } from './shared.js'

/** Flags of gates, baselines and the history. */

/** What a comparison with a baseline takes, whether gates ask for it or not. */
const comparing = <T>(y: Argv<T>) =>
  y
    .option('inconclusive', {
      choices: ['pass', 'fail'] as const,
      default: 'pass' as const,
      describe: 'what too few runs or requests to answer come to; fail ends with exit code 5',
    })
    .option('allow', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      describe: 'compare with the baseline although this differs: place, model, workload, output-tokens, …',
    })

const judging = <T>(y: Argv<T>) =>
  comparing(y)
    .option('mode', {
      choices: ['strict', 'lenient'] as const,
      default: 'strict' as const,
      describe: 'strict: the bound of the interval must keep the limit; lenient: the estimate',
    })
    .option('json', { type: 'string', describe: 'write what was found as compact JSON to this file' })
    .option('junit', { type: 'string', describe: 'write JUnit XML to this file' })
    .option('markdown', {
      type: 'string',
      describe: 'write a Markdown summary to this file; appended to $GITHUB_STEP_SUMMARY where that is set',
    })
    .option('annotations', {
      type: 'boolean',
      default: false,
      describe: 'print ::error and ::warning for GitHub; done without asking inside its Actions',
    })

const historyFile = <T>(y: Argv<T>) =>
  y
    .option('history', { type: 'string', describe: 'append the results to this history (NDJSON)' })
    .option('label', {
      type: 'string',
      describe: 'what the history calls them, such as a commit; $GITHUB_SHA or $CI_COMMIT_SHA when left out',
    })

/** What `run` and `sweep` take of it as well. */
export const gateFlags = <T>(y: Argv<T>) =>
  historyFile(
    judging(
      y
        .option('gate', {
          type: 'string',
          array: true,
          nargs: 1,
          default: [] as string[],
          describe: "bound to keep: 'ttft.p99 < 500ms', 'outputTokensPerS regression < 5%'",
        })
        .option('baseline', {
          type: 'string',
          describe: 'what regressions are held against: a name under baselines/, or a file',
        }),
    ),
  )

export const gateOptions = <T>(y: Argv<T>) =>
  gateFlags(
    y.positional('results', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'run or sweep folders: repeats of one load',
    }),
  )
    .example("$0 gate results/chat-* --gate 'ttft.p99 < 500ms'", 'repeats of one load against a limit')
    .example(
      "$0 gate results/chat-* --baseline main --gate 'outputTokensPerS regression < 5%' --junit gates.xml",
      'against a baseline, for a CI',
    )

export const baselineOptions = <T>(y: Argv<T>) =>
  comparing(
    y
      .positional('action', {
        choices: ['save', 'list', 'compare'] as const,
        demandOption: true,
        describe: 'save results under a name, list what there is, or compare results with one',
      })
      .positional('names', {
        type: 'string',
        array: true,
        default: [] as string[],
        describe: 'name of the baseline, then run or sweep folders: repeats of one load',
      })
      .option('dir', { type: 'string', default: 'baselines', describe: 'folder of the baselines' }),
  )
    .option('gated', {
      type: 'string',
      describe: 'of compare: figures whose verdicts count, such as ttft.p50,outputTokensPerS',
    })
    .option('margin', {
      type: 'string',
      array: true,
      nargs: 1,
      describe: 'of compare: how much of a difference matters, such as ttft.p99=10%',
    })
    .option('out', { type: 'string', describe: 'of compare: path of the HTML report' })
    .option('format', {
      choices: ['text', 'json', 'markdown'] as const,
      default: 'text' as const,
      describe: 'of compare: what stdout shows',
    })
    .example('$0 baseline save main results/chat-*', 'baselines/main.json, fit for git')
    .example('$0 baseline compare main results/chat-20261121-143005', 'what has become of it')

export const historyOptions = <T>(y: Argv<T>) =>
  y
    .positional('action', { choices: ['add'] as const, demandOption: true, describe: 'append results' })
    .positional('results', {
      type: 'string',
      array: true,
      default: [] as string[],
      describe: 'run or sweep folders',
    })
    .option('file', { type: 'string', default: 'history.ndjson', describe: 'the history (NDJSON)' })
    .option('label', {
      type: 'string',
      describe: 'what they are called, such as a commit; $GITHUB_SHA or $CI_COMMIT_SHA when left out',
    })
    .example('$0 history add results/chat-*', 'a line each to history.ndjson')

export const trendOptions = <T>(y: Argv<T>) =>
  y
    .positional('file', { type: 'string', default: 'history.ndjson', describe: 'a history (NDJSON)' })
    .option('metric', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      describe:
        'figure to show, such as ttft.p99; ttft.p50, ttft.p99, tpot.p50 and outputTokensPerS when left out',
    })
    .option('out', { type: 'string', default: 'reports/trend.html', describe: 'path of the HTML page' })
    .option('fail', {
      type: 'boolean',
      default: false,
      describe: 'exit code 4 when the newest is beyond its boundary on the bad side',
    })
    .option('format', FORMAT)
    .example('$0 trend --metric ttft.p99 --metric outputTokensPerS', 'two figures over time, with boundaries')

export type GateFlags = ArgumentsOf<typeof gateFlags>
export type GateArguments = ArgumentsOf<typeof gateOptions>
export type BaselineArguments = ArgumentsOf<typeof baselineOptions>
export type HistoryArguments = ArgumentsOf<typeof historyOptions>
export type TrendArguments = ArgumentsOf<typeof trendOptions>
