import type { Argv } from 'yargs'
import { gateFlags } from './gates.js'
import { type ArgumentsOf, loadOptions, output } from './shared.js'

export const demoOptions = <T>(y: Argv<T>) => output(y)

export const runOptions = <T>(y: Argv<T>) =>
  gateFlags(loadOptions(y))
    .example(
      '$0 run --target http://127.0.0.1:8000 --concurrency 50 --requests 200',
      'fifty streams, two hundred requests',
    )
    .example(
      '$0 run chat --target http://127.0.0.1:8000 --rate 4 --duration 60',
      'the chat profile at four requests a second',
    )

export const sweepOptions = <T>(y: Argv<T>) =>
  gateFlags(loadOptions(y))
    .option('over', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'dimension and values: concurrency=1,2,4,8 or concurrency=auto or engine.maxNumSeqs=8,32',
    })
    .example('$0 sweep kv-falloff --target http://127.0.0.1:8000 --over concurrency=auto', 'find the knee')
    .example(
      '$0 sweep chat --engine mistral-7b-a10g --over engine.maxNumSeqs=8,32,128 --over concurrency=8,16,32',
      'batch size × concurrency',
    )

export const tuneOptions = <T>(y: Argv<T>) =>
  loadOptions(y)
    .option('vary', {
      type: 'string',
      array: true,
      demandOption: true,
      describe:
        'setting of the engine and values to try, by its flag: max-num-seqs=16..256 (doublings) or max-num-batched-tokens=512,2048',
    })
    .option('goal', {
      choices: ['goodput', 'throughput', 'p99', 'cost'] as const,
      default: 'goodput' as const,
      describe: 'what to seek within the objectives; p99 at the rate of --rate, cost per output token',
    })
    .option('plan', {
      choices: ['adaptive', 'grid'] as const,
      default: 'adaptive' as const,
      describe: 'adaptive drops settings as soon as they cannot win; grid measures every combination',
    })
    .option('budget-minutes', {
      type: 'string',
      describe: 'minutes of the engine that the search may take, confirmation included',
    })
    .option('usd-per-hour', { type: 'string', describe: 'price of the engine, for the goal cost' })
    .option('resume', {
      type: 'string',
      describe:
        'folder of an earlier search to go on with; an unfinished one of the same search is found by itself',
    })
    .example(
      "$0 tune chat --engine mistral-7b-a10g --vary max-num-seqs=16..256 --objective 'ttft p95 <= 2 s'",
      'the batch limit with the highest goodput',
    )

export const coldstartOptions = <T>(y: Argv<T>) =>
  loadOptions(y)
    .option('repeats', {
      type: 'string',
      default: '5',
      describe: 'starts that are measured, one after the other',
    })
    .option('drop-page-cache', {
      type: 'boolean',
      default: false,
      describe: 'have the page cache drop the model’s files before each start',
    })
    .option('settle', {
      type: 'string',
      default: '30',
      describe: 'seconds that the load goes on after the first token, in which it is to become steady',
    })
    .option('scale-out', {
      type: 'boolean',
      default: false,
      describe: 'at last, start a second replica while a first one serves, behind a round-robin of our own',
    })
    .option('usd-per-hour', {
      type: 'string',
      describe: 'what a replica costs, for the cost of keeping one warm',
    })
    .option('usd-per-miss', { type: 'string', describe: 'what a request costs that fails or comes too late' })
    .option('starts-per-day', { type: 'string', describe: 'cold starts a day, for what they cost a month' })
    .example(
      '$0 coldstart chat --engine vllm --model ./model --rate 2',
      'five starts by phase, with two requests a second arriving meanwhile',
    )

export type DemoArguments = ArgumentsOf<typeof demoOptions>
export type RunArguments = ArgumentsOf<typeof runOptions>
export type SweepArguments = ArgumentsOf<typeof sweepOptions>
export type TuneArguments = ArgumentsOf<typeof tuneOptions>
export type ColdStartArguments = ArgumentsOf<typeof coldstartOptions>
