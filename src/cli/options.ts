import type { Argv } from 'yargs'
import { gateFlags } from './options-gates.js'

/** Flags of every command. Only declarations: this file is loaded before a command is known. */

const output = <T>(y: Argv<T>) =>
  y
    .option('results', {
      type: 'string',
      default: 'results',
      describe: 'folder that receives the run folder',
    })
    .option('out', { type: 'string', describe: 'path of the HTML report; reports/<name>.html when left out' })
    .option('format', {
      choices: ['text', 'json'] as const,
      default: 'text' as const,
      describe: 'what stdout shows; json prints the summary and nothing else',
    })

const profileOptions = <T>(y: Argv<T>) =>
  profileFlags(
    y.positional('profile', { type: 'string', describe: 'a profile file, or the name of a shipped one' }),
  )

/** What says which load: the flags of the profile. */
export const profileFlags = <T>(y: Argv<T>) =>
  y
    .option('target', {
      type: 'string',
      describe:
        'base URL of the server, such as http://127.0.0.1:8000, or a target file by its path or its name under targets/',
    })
    .option('api', {
      type: 'string',
      describe:
        'openai-chat, openai-completions, openai-responses, anthropic-messages, tgi-generate, ollama-chat, ollama-generate, llamacpp-completion or sglang-generate',
    })
    .option('transport', {
      choices: ['auto', 'kernel', 'undici', 'sdk'] as const,
      describe:
        'who moves and stamps the bytes; auto takes kernel stamps where they can be had, sdk the official openai or @anthropic-ai/sdk client',
    })
    .option('model', {
      type: 'string',
      describe:
        'model name; the first one served when left out. Of an --engine: what it is to serve, a folder or a name',
    })
    .option('header', {
      type: 'string',
      array: true,
      describe: "extra header, such as 'authorization: Bearer ${KEY}' (variables come from the environment)",
    })
    .option('key-env', {
      type: 'string',
      describe:
        'environment variable that holds the key (or NAME_FILE the path of a file); sent as the API wants it',
    })
    .option('engine', {
      type: 'string',
      describe:
        'let falloff start this engine instead of using --target: vllm, sglang, tgi, llamacpp or ollama (with --model), command, or a simulated one by its description',
    })
    .option('concurrency', { type: 'number', describe: 'closed loop: requests in flight' })
    .option('rate', { type: 'number', describe: 'open loop: requests per second' })
    .option('arrivals', {
      choices: ['constant', 'poisson', 'gamma'] as const,
      describe: 'how open-loop requests are spaced',
    })
    .option('requests', { type: 'number', describe: 'measured requests' })
    .option('duration', { type: 'number', describe: 'measured seconds' })
    .option('warmup', { type: 'number', describe: 'requests sent first and not measured' })
    .option('input-tokens', { type: 'number', describe: 'prompt length in tokens' })
    .option('output-tokens', { type: 'number', describe: 'output length in tokens' })
    .option('dataset', { type: 'string', describe: 'prompts from a JSONL or ShareGPT file' })
    .option('trace', { type: 'string', describe: 'replay an Azure, BurstGPT or Mooncake trace' })
    .option('objective', {
      type: 'string',
      array: true,
      describe: "service-level objective, such as 'ttft p99 <= 500 ms'",
    })
    .option('tokenizer', {
      type: 'string',
      describe: 'auto, server, calibrate, or the path of a tokenizer.json',
    })
    .option('workers', {
      type: 'number',
      describe: 'worker threads; chosen from load and cores when left out',
    })
    .option('retry', {
      type: 'string',
      describe:
        'what the application does when a request fails: none, fixed, exponential, openai-sdk, tenacity or tenacity-over-sdk',
    })
    .option('budget-usd', { type: 'number', describe: 'end the run before it costs more US dollars' })
    .option('budget-requests', {
      type: 'number',
      describe: 'end the run before it sends more, retries included',
    })
    .option('name', { type: 'string', describe: 'name of the run' })
    .option('set', {
      type: 'string',
      array: true,
      describe: 'any value of the profile, such as load.ratePerS=12',
    })

const loadOptions = <T>(y: Argv<T>) =>
  profileOptions(output(y)).option('yes', {
    type: 'boolean',
    default: false,
    describe: 'agree beforehand to what a target that bills will cost',
  })

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

export const doctorOptions = <T>(y: Argv<T>) =>
  profileOptions(y)
    .option('streams', {
      type: 'string',
      describe: 'judge for this many requests in flight at once, whatever the profile says',
    })
    .option('format', {
      choices: ['text', 'json'] as const,
      default: 'text' as const,
      describe: 'what stdout shows',
    })
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
    .option('format', {
      choices: ['text', 'json'] as const,
      default: 'text' as const,
      describe: 'what stdout shows',
    })
    .example('$0 calibrate', 'both transports, 1 to 1,000 streams; about four minutes')
    .example('$0 calibrate --streams 1,50,256,1000 --bound 0.1', 'these loads, held to 0.1 ms')

export const probeOptions = <T>(y: Argv<T>) =>
  y
    .positional('url', {
      type: 'string',
      demandOption: true,
      describe: 'base URL of the server, or the address of one of its routes',
    })
    .option('api', { type: 'string', describe: 'the API to describe; the first that streams when left out' })
    .option('model', { type: 'string', describe: 'model name; the first one served when left out' })
    .option('header', {
      type: 'string',
      array: true,
      describe: "extra header, such as 'authorization: Bearer ${KEY}' (variables come from the environment)",
    })
    .option('key-env', {
      type: 'string',
      describe: 'environment variable that holds the key; sent as each API wants it',
    })
    .option('set', {
      type: 'string',
      array: true,
      describe: 'any other value of a profile’s target, such as target.tls.caFile=ca.pem',
    })
    .option('timeout', { type: 'string', default: '10', describe: 'seconds that one try may take' })
    .option('out', {
      type: 'string',
      describe: 'path of the target file; targets/<host>-<port>.yaml when left out',
    })
    .option('format', {
      choices: ['text', 'json'] as const,
      default: 'text' as const,
      describe: 'what stdout shows',
    })
    .example('$0 probe http://127.0.0.1:8000', 'what is it, and how fast?')
    .example(
      '$0 probe https://llm.example --key-env LLM_KEY --api anthropic-messages',
      'with a key, for one API',
    )

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
    .option('yes', { type: 'boolean', default: false, describe: 'spend money without being asked' })
    .option('format', {
      choices: ['text', 'json'] as const,
      default: 'text' as const,
      describe: 'what stdout shows',
    })
    .example('$0 compare-transports', 'what the official openai client costs at 1, 50 and 200 streams')
    .example('$0 compare-transports --target http://127.0.0.1:8000 --api anthropic-messages', 'at a server')

export const floorOptions = <T>(y: Argv<T>) =>
  y
    .option('target', {
      type: 'string',
      demandOption: true,
      describe: 'base URL of what is examined: the gateway',
    })
    .option('direct', {
      type: 'string',
      describe: 'base URL of what stands behind it, measured in turns with it',
    })
    .option('path', {
      type: 'string',
      default: '/health',
      describe: 'asked for with GET: /health, /v1/models or another that costs nothing',
    })
    .option('one-token', {
      type: 'boolean',
      default: false,
      describe: 'ask for a chat completion of one token instead, not streamed',
    })
    .option('model', { type: 'string', describe: 'for --one-token; the first one served when left out' })
    .option('header', {
      type: 'string',
      array: true,
      describe: "extra header, such as 'authorization: Bearer ${KEY}' (variables come from the environment)",
    })
    .option('connections', {
      type: 'string',
      default: '1,10',
      describe: 'asked over so many at once, load by load',
    })
    .option('seconds', { type: 'string', default: '3', describe: 'longest time of each turn' })
    .option('amount', { type: 'string', default: '10000', describe: 'most requests of each turn' })
    .option('turns', { type: 'string', default: '2', describe: 'of each place at each load' })
    .option('yes', { type: 'boolean', default: false, describe: 'spend money without being asked' })
    .option('format', {
      choices: ['text', 'json'] as const,
      default: 'text' as const,
      describe: 'what stdout shows',
    })
    .example(
      '$0 floor --target http://127.0.0.1:4000 --direct http://127.0.0.1:8000 --path /v1/models',
      'what the gateway alone costs',
    )

export const limitsOptions = <T>(y: Argv<T>) =>
  profileOptions(y)
    .option('max-requests', { type: 'string', default: '300', describe: 'send no more than these' })
    .option('max-usd', { type: 'string', describe: 'spend no more US dollars' })
    .option('max-seconds', { type: 'string', default: '240', describe: 'look no longer' })
    .option('max-words', { type: 'string', default: '3200', describe: 'words of the longest prompt' })
    .option('yes', {
      type: 'boolean',
      default: false,
      describe: 'agree beforehand to what a target that bills will cost',
    })
    .option('format', {
      choices: ['text', 'json'] as const,
      default: 'text' as const,
      describe: 'what stdout shows',
    })
    .example(
      '$0 limits --target https://api.openai.com --model gpt-4o-mini --key-env OPENAI_API_KEY --max-usd 0.10',
      'requests and tokens a minute, for ten cents at the most',
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

export const demoOptions = <T>(y: Argv<T>) => output(y)

export const reportOptions = <T>(y: Argv<T>) =>
  y
    .positional('results', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'run or sweep folders; or one of a comparison or a search',
    })
    .option('out', { type: 'string', describe: 'path of the HTML report' })
    .option('allow', {
      type: 'string',
      array: true,
      describe: 'of several: differences that are meant, as of compare, such as model',
    })
    .option('dialect', {
      choices: ['guidellm', 'aiperf', 'vllm'] as const,
      describe:
        'print the figures as that tool would define them, from the same records, and build no report',
    })
    .option('format', {
      choices: ['text', 'json'] as const,
      default: 'text' as const,
      describe: 'what stdout shows',
    })

export const exportOptions = <T>(y: Argv<T>) =>
  y
    .positional('folder', { type: 'string', demandOption: true, describe: 'a run or sweep folder' })
    .option('to', {
      choices: [
        'parquet',
        'csv',
        'hlog',
        'openmetrics',
        'otlp',
        'otlp-protobuf',
        'influx',
        'remote-write',
      ] as const,
      demandOption: true,
      describe: 'format',
    })
    .option('of', {
      choices: ['records', 'chunks', 'summary', 'course'] as const,
      describe:
        'one row per request, per output chunk, the figures, or how they went over time; what the format is meant for when left out',
    })
    .option('out', { type: 'string', describe: 'path of the file; stdout when left out' })
    .option('push', {
      type: 'string',
      describe: 'send it to this URL instead: otlp and otlp-protobuf, influx, remote-write',
    })
    .option('header', {
      type: 'string',
      array: true,
      describe: "header of the push, such as 'authorization: Bearer ${KEY}'",
    })
    .example('$0 export results/chat-20261121-143005 --to parquet --out chat.parquet', 'records for DuckDB')
    .example(
      '$0 export results/chat-20261121-143005 --to remote-write --push http://127.0.0.1:9090/api/v1/write',
      'the course of a run into Prometheus',
    )

export const importOptions = <T>(y: Argv<T>) =>
  y
    .positional('file', {
      type: 'string',
      demandOption: true,
      describe: 'result file of GuideLLM, AIPerf, vllm bench serve, inference-perf or GenAI-Perf',
    })
    .option('beside', { type: 'string', describe: 'a run or sweep folder to set beside it' })
    .option('out', {
      type: 'string',
      describe: 'folder that receives imported.json; results/imported-<file> when left out',
    })
    .option('format', {
      choices: ['text', 'json'] as const,
      default: 'text' as const,
      describe: 'what stdout shows',
    })
    .example(
      '$0 import guidellm.json --beside results/chat-20261121-143005',
      'their figures and ours, with what stands between them',
    )

export const simulateOptions = <T>(y: Argv<T>) =>
  y
    .positional('engine', {
      type: 'string',
      demandOption: true,
      describe: 'an engine description by name or path, or fixed',
    })
    .option('port', { type: 'number', default: 8000, describe: 'port on loopback; 0 picks a free one' })
    .option('host', { type: 'string', default: '127.0.0.1', describe: 'address to listen on' })
    .option('set', { type: 'string', array: true, describe: 'engine setting, such as maxNumSeqs=64' })
    .option('fault', { type: 'string', array: true, describe: 'fault to inject, such as rate-limit=0.1' })
    .option('send-log', { type: 'string', describe: 'file that receives the time of every write' })
    .option('with-parent', {
      type: 'boolean',
      default: false,
      describe: 'end when the process that started it is gone',
    })

/** The flags that `profileFrom` reads. */
export type ProfileArguments = Awaited<ReturnType<ReturnType<typeof profileOptions>['parseAsync']>>
export type DoctorArguments = Awaited<ReturnType<ReturnType<typeof doctorOptions>['parseAsync']>>
export type LimitsArguments = Awaited<ReturnType<ReturnType<typeof limitsOptions>['parseAsync']>>
export type RunArguments = Awaited<ReturnType<ReturnType<typeof runOptions>['parseAsync']>>
export type SweepArguments = Awaited<ReturnType<ReturnType<typeof sweepOptions>['parseAsync']>>
export type TuneArguments = Awaited<ReturnType<ReturnType<typeof tuneOptions>['parseAsync']>>
export type ProbeArguments = Awaited<ReturnType<ReturnType<typeof probeOptions>['parseAsync']>>
export type CompareTransportsArguments = Awaited<
  ReturnType<ReturnType<typeof compareTransportsOptions>['parseAsync']>
>
export type FloorArguments = Awaited<ReturnType<ReturnType<typeof floorOptions>['parseAsync']>>
export type ColdStartArguments = Awaited<ReturnType<ReturnType<typeof coldstartOptions>['parseAsync']>>
export type DemoArguments = Awaited<ReturnType<ReturnType<typeof demoOptions>['parseAsync']>>
export type ReportArguments = Awaited<ReturnType<ReturnType<typeof reportOptions>['parseAsync']>>
export type ExportArguments = Awaited<ReturnType<ReturnType<typeof exportOptions>['parseAsync']>>
export type ImportArguments = Awaited<ReturnType<ReturnType<typeof importOptions>['parseAsync']>>
export type SimulateArguments = Awaited<ReturnType<ReturnType<typeof simulateOptions>['parseAsync']>>
export type CalibrateArguments = Awaited<ReturnType<ReturnType<typeof calibrateOptions>['parseAsync']>>
