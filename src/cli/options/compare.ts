import type { Argv } from 'yargs'
import { type ArgumentsOf, profileFlags, YES } from './shared.js'

/** Flags of `compare`. Numbers are words here, so that a wrong one is shown as it was given. */
export const compareOptions = <T>(y: Argv<T>) =>
  profileFlags(y)
    .positional('sides', {
      type: 'string',
      array: true,
      demandOption: true,
      describe:
        '[NAME=]PROFILE[@TARGET] each, or result folders (several of one side with commas), or the folder of one comparison; the first is what the others are held against',
    })
    .option('runs', {
      type: 'string',
      describe: 'runs of each side; with --until-decided those before the first look; 5 when left out',
    })
    .option('over', {
      type: 'string',
      array: true,
      nargs: 1,
      describe: 'measure a sweep instead of each run: concurrency=1,2,4 or ratePerS=1,2,4',
    })
    .option('until-decided', {
      type: 'boolean',
      default: false,
      describe: 'go on until every gated figure has its verdict',
    })
    .option('most-runs', {
      type: 'string',
      describe: 'with --until-decided: runs of each side at the most; 20 when left out',
    })
    .option('budget-minutes', { type: 'string', describe: 'begin no block that would end later' })
    .option('seed', { type: 'string', describe: 'of the order inside the blocks; 1 when left out' })
    .option('cool-down', { type: 'string', describe: 'seconds between two runs; 2 when left out' })
    .option('keep-engines', {
      type: 'boolean',
      default: false,
      describe: 'engines that falloff starts stay up side by side, instead of one start for each run',
    })
    .option('gated', {
      type: 'string',
      describe: 'figures whose verdicts count, such as ttft.p50,outputTokensPerS',
    })
    .option('margin', {
      type: 'string',
      array: true,
      nargs: 1,
      describe: 'how much of a difference matters, such as ttft.p99=10%',
    })
    .option('allow', {
      type: 'string',
      array: true,
      nargs: 1,
      describe:
        'differences that are meant: workload, model, output-tokens, invalid, place, tokenizer, transport, not-interleaved, few-runs, imported',
    })
    .option('inconclusive', {
      choices: ['pass', 'fail'] as const,
      default: 'pass' as const,
      describe: 'fail: exit with 5 where a gated figure was not shown',
    })
    .option('resume', { type: 'string', describe: 'folder of an interrupted comparison to go on with' })
    .option('yes', YES)
    .option('results', {
      type: 'string',
      default: 'results',
      describe: 'folder that receives the folder of the comparison',
    })
    .option('out', {
      type: 'string',
      describe: 'path of the HTML page; reports/<name>.html when left out',
    })
    .option('format', {
      choices: ['text', 'json', 'markdown'] as const,
      default: 'text' as const,
      describe: 'what stdout shows',
    })
    .example('$0 compare before.yaml after.yaml --runs 5', 'is the second better than the first?')
    .example(
      '$0 compare chat@http://127.0.0.1:8000 chat@http://127.0.0.1:8001 --until-decided --most-runs 20',
      'one load at two servers, for as long as it takes',
    )
    .example('$0 compare results/a1,results/a2 results/b1,results/b2', 'results that are there')

export type CompareArguments = ArgumentsOf<typeof compareOptions>
