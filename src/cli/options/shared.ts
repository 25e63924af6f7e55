import type { Argv } from 'yargs'

/** Flags that several commands take. Only declarations: the files here are loaded before a command is known. */

/** What the command gets of its flags. */
export type ArgumentsOf<Options extends (y: Argv) => { parseAsync(): unknown }> = Awaited<
  ReturnType<ReturnType<Options>['parseAsync']>
>

export const FORMAT = {
  choices: ['text', 'json'] as const,
  default: 'text' as const,
  describe: 'what stdout shows',
}

export const HEADER = {
  type: 'string',
  array: true,
  describe: "extra header, such as 'authorization: Bearer ${KEY}' (variables come from the environment)",
} as const

export const YES = {
  type: 'boolean',
  default: false,
  describe: 'agree beforehand to what a target that bills will cost',
} as const

export const output = <T>(y: Argv<T>) =>
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

export const profileOptions = <T>(y: Argv<T>) =>
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
    .option('header', HEADER)
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

export const loadOptions = <T>(y: Argv<T>) => profileOptions(output(y)).option('yes', YES)

/** The flags that `profileFrom` reads. */
export type ProfileArguments = ArgumentsOf<typeof profileOptions>
