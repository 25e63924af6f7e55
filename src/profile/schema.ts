import { z } from 'zod'
import { budgetSchema } from './budget-schema.js'
import { connectionFields } from './connection-schema.js'
import { engineSchema } from './engine-schema.js'
import { retrySchema } from './retry-schema.js'
import { validitySchema } from './validity-schema.js'

/**
 * What the user writes. This file is the one source of the validation, of the JSON Schema in `schema/` and of the types.
 * Units are in the names: `…S` seconds, `…Ms` milliseconds, `…Tokens` tokens.
 */

const positive = z.number().positive()
const nonNegative = z.number().nonnegative()
const count = z.int().nonnegative()

/** A length or a time: one number, or how it is distributed. Samples are clipped to `min` and `max`. */
const distributionSchema = z
  .union([
    nonNegative.describe('always this value'),
    z
      .strictObject({ uniform: z.tuple([nonNegative, nonNegative]) })
      .describe('uniform between two bounds, both included'),
    z
      .strictObject({
        normal: z.strictObject({ mean: nonNegative, stdDev: nonNegative }),
        min: nonNegative.optional(),
        max: nonNegative.optional(),
      })
      .describe('normal, clipped'),
    z
      .strictObject({
        lognormal: z.strictObject({ median: positive, sigma: nonNegative }),
        min: nonNegative.optional(),
        max: nonNegative.optional(),
      })
      .describe('lognormal by its median and the standard deviation of its logarithm, clipped'),
    z
      .strictObject({ table: z.array(z.tuple([nonNegative, positive])).min(1) })
      .describe('empirical table of [value, weight]'),
  ])
  .describe('a number, or {uniform}, {normal}, {lognormal} or {table}')

/** One folder each under `protocol/`. */
const API_NAMES = [
  'openai-chat',
  'openai-completions',
  'openai-responses',
  'anthropic-messages',
  'tgi-generate',
  'ollama-chat',
  'ollama-generate',
  'llamacpp-completion',
  'sglang-generate',
] as const

const targetSchema = z.strictObject({
  url: z
    .string()
    .regex(/^https?:\/\/[^\s/]+/, 'expected http://host:port or https://host')
    .optional()
    .describe('base URL of the server, without /v1; left out when `engine` starts one'),
  api: z.enum(API_NAMES).default('openai-chat').describe('which API to speak'),
  model: z.string().min(1).optional().describe('model name; the first of /v1/models when left out'),
  headers: z
    .record(z.string(), z.string())
    .default({})
    .describe('extra headers; ${NAME} is replaced by an environment variable and never written to a file'),
  keyEnv: z
    .string()
    .regex(/^[A-Za-z_]\w*$/, 'expected the name of an environment variable')
    .optional()
    .describe(
      'environment variable that holds the key, or with _FILE behind it the path of a file that does; sent as the API wants it',
    ),
  metricsUrl: z
    .string()
    .optional()
    .describe('where the engine exposes Prometheus metrics; <url>/metrics when left out'),
  gpuMetricsUrl: z
    .string()
    .regex(/^https?:\/\/[^\s/]+/, 'expected http://host:port/metrics')
    .optional()
    .describe(
      'a DCGM exporter’s page on the target’s GPUs; when left out, a target on this machine is asked by nvidia-smi where there is one',
    ),
  hostMetricsUrl: z
    .string()
    .regex(/^https?:\/\/[^\s/]+/, 'expected http://host:port/metrics')
    .optional()
    .describe('a node_exporter’s page on the target’s machine: CPU and memory'),
  tokenizer: z
    .string()
    .default('auto')
    .describe(
      'how prompts get their length: auto, server (/tokenize), calibrate, or the path of a tokenizer.json',
    ),
  transport: z
    .enum(['auto', 'kernel', 'undici', 'sdk'])
    .default('auto')
    .describe(
      'who moves and stamps the bytes: kernel (Linux, plain HTTP: stamps from the kernel) or undici (stamps from the event loop); auto takes the kernel where it can; sdk: the official openai or @anthropic-ai/sdk client, stamped when its iterator yields',
    ),
  ...connectionFields,
  exactOutput: z
    .enum(['auto', 'on', 'off'])
    .default('auto')
    .describe(
      'ask for exactly outputTokens (ignore_eos, min_tokens); auto does so where the engine is known to obey',
    ),
  chunkUsage: z
    .enum(['auto', 'on', 'off'])
    .default('auto')
    .describe(
      'ask for a running token count on every chunk; auto does so where the engine is known to offer it',
    ),
  request: z
    .strictObject({
      temperature: nonNegative
        .optional()
        .describe('sampling temperature; greedy (0) where the API allows it'),
      seed: z.int().optional().describe('seed of the sampling, where the API takes one'),
      tools: z.array(z.unknown()).optional().describe('tool definitions, as the API writes them'),
      jsonSchema: z
        .record(z.string(), z.unknown())
        .optional()
        .describe('a JSON Schema that answers are to follow'),
      promptCache: z
        .enum(['default', 'off', 'mark'])
        .default('default')
        .describe(
          'off: ask the engine not to use its prefix cache; mark: ask the provider to cache the prompt',
        ),
    })
    .prefault({})
    .describe('what every request asks for beside its prompt and length'),
  extraBody: z.record(z.string(), z.unknown()).default({}).describe('fields added to every request body'),
})

const prefixSchema = z.strictObject({
  share: z.number().min(0).max(1).describe('share of the requests that begin with a common prefix'),
  tokens: distributionSchema.describe('length of the common prefix'),
  groups: z.int().positive().default(1).describe('how many different prefixes there are'),
})

const conversationSchema = z.strictObject({
  turns: distributionSchema.describe('turns per conversation'),
  thinkTimeS: distributionSchema.default(0).describe('pause of the user before the next turn'),
})

const workloadSchema = z.strictObject({
  inputTokens: distributionSchema.default(100).describe('prompt length, as the target counts tokens'),
  outputTokens: distributionSchema.default(100).describe('output length asked for'),
  prefix: prefixSchema.optional().describe('prompts that share their beginning'),
  conversation: conversationSchema.optional().describe('multi-turn: each turn resends the history'),
  dataset: z
    .strictObject({
      path: z.string(),
      format: z.enum(['auto', 'jsonl', 'sharegpt']).default('auto'),
    })
    .optional()
    .describe('prompts from a file: JSONL lines with `prompt` or `messages`, or ShareGPT JSON'),
  trace: z
    .strictObject({
      path: z.string(),
      format: z.enum(['auto', 'azure', 'burstgpt', 'mooncake']).default('auto'),
      speedup: positive.default(1).describe('2 replays twice as fast'),
    })
    .optional()
    .describe('arrival time, input and output length from a public trace'),
  salt: z
    .boolean()
    .default(true)
    .describe('make every prompt unique (outside shared prefixes), so that the prefix cache cannot flatter'),
})

const stageSchema = z.strictObject({
  durationS: positive,
  ratePerS: nonNegative.optional().describe('arrivals per second in this stage (open loop)'),
  concurrency: count.optional().describe('requests in flight in this stage (closed loop)'),
  ramp: z
    .boolean()
    .default(false)
    .describe('move linearly from the previous stage’s level instead of stepping'),
})

const loadSchema = z
  .discriminatedUnion('kind', [
    z
      .strictObject({ kind: z.literal('closed'), concurrency: z.int().positive() })
      .describe('always this many requests in flight'),
    z.strictObject({ kind: z.literal('constant'), ratePerS: positive }).describe('evenly spaced arrivals'),
    z.strictObject({ kind: z.literal('poisson'), ratePerS: positive }).describe('independent arrivals'),
    z
      .strictObject({ kind: z.literal('gamma'), ratePerS: positive, shape: positive.default(0.5) })
      .describe('bursty arrivals: shape below 1 is burstier than Poisson, above 1 smoother'),
    z
      .strictObject({ kind: z.literal('stages'), stages: z.array(stageSchema).min(1) })
      .describe('a staircase or ramp of rates, or of concurrency'),
    z.strictObject({ kind: z.literal('trace') }).describe('arrivals of workload.trace'),
  ])
  .describe('when requests start')

const limitsSchema = z.strictObject({
  requests: z.int().positive().optional().describe('measured requests, warm-up not counted'),
  durationS: positive.optional().describe('measured time, warm-up not counted'),
  warmupRequests: count.optional().describe('requests sent first and left out of every metric'),
  warmupS: nonNegative.optional().describe('seconds at the start left out of every metric'),
  ttftMs: positive.default(120_000).describe('deadline for the first token'),
  stallMs: positive.default(60_000).describe('deadline between two chunks'),
  totalMs: positive.default(600_000).describe('deadline for the whole request'),
  drainS: nonNegative.default(30).describe('how long to wait for open requests at the end'),
  maxInFlight: z
    .int()
    .positive()
    .default(4096)
    .describe('open loop: an arrival that finds this many in flight is not sent'),
})

const seedsSchema = z.strictObject({
  arrivals: z.int().default(7),
  inputLengths: z.int().default(11),
  outputLengths: z.int().default(13),
  prompts: z.int().default(17),
  conversations: z.int().default(19),
})

export const profileSchema = z
  .strictObject({
    $schema: z.string().optional(),
    name: z.string().min(1).default('run'),
    description: z.string().optional(),
    target: targetSchema.prefault({}),
    engine: engineSchema.optional(),
    workload: workloadSchema.prefault({}),
    load: loadSchema.prefault({ kind: 'closed', concurrency: 1 }),
    limits: limitsSchema.prefault({}),
    retry: retrySchema
      .prefault({})
      .describe('what the application does when a request fails; left out: nothing'),
    budget: budgetSchema
      .prefault({})
      .describe('hard caps on what the whole command may spend; the run ends when one is reached'),
    objectives: z
      .array(z.string())
      .default([])
      .describe('service-level objectives such as `ttft p99 <= 500 ms`'),
    validity: validitySchema.prefault({}),
    seeds: seedsSchema.prefault({}),
    workers: z
      .union([z.literal('auto'), z.int().positive().max(64)])
      .default('auto')
      .describe('worker threads; auto chooses from load and cores'),
    scrapeIntervalMs: z.int().min(50).default(500).describe('how often the engine’s metrics are read'),
  })
  .describe('A falloff workload profile')

export type Load = z.output<typeof loadSchema>
export type Limits = z.output<typeof limitsSchema>
export type Profile = z.output<typeof profileSchema>
