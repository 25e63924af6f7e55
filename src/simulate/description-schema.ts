import { z } from 'zod'

const positive = z.number().positive()
const share = z.number().min(0).max(1)

/** The model's shape. Counts are parameters or elements, sizes bytes. */
const model = z.strictObject({
  servedModel: z.string().min(1),
  params: positive,
  embeddingParams: z.number().min(0),
  weightBytes: positive,
  layers: z.int().positive(),
  kvHeads: z.int().positive(),
  headDim: z.int().positive(),
  dModel: z.int().positive(),
  kvBytesPerElement: positive.default(2),
})

const gpu = z.strictObject({ memoryGiB: positive, bandwidthGBs: positive, flopsT: positive })

/** Shares of the datasheet's peaks that kernels reach, and costs beside them. */
const efficiency = z.strictObject({
  memoryEfficiency: share.default(0.7),
  flopEfficiency: share.default(0.62),
  kvEfficiency: share.default(0.75),
  stepMs: z.number().min(0).default(0.13),
  perRequestUs: z.number().min(0).default(4),
  smoothMax: z.number().min(1).default(2),
  frontEndMs: z.number().min(0).default(15.6),
  perTokenUs: z.number().min(0).default(46),
})

const memory = z.strictObject({ activationGiB: z.number().min(0), otherGiB: z.number().min(0) })

const scheduler = z.strictObject({
  maxNumSeqs: z.int().positive().default(256),
  maxNumBatchedTokens: z.int().positive().default(2048),
  maxModelLen: z.int().min(2),
  blockSize: z.int().positive().default(16),
  gpuMemoryUtilization: share.default(0.9),
  numGpuBlocksOverride: z.int().min(2).optional(),
  enablePrefixCaching: z.boolean().default(true),
  longPrefillTokenThreshold: z.int().min(0).default(0),
  reserveFullInput: z.boolean().default(true),
  watermark: share.default(0),
})

/** Servers whose chat completions differ, in their chunks and in their errors. */
export const CHAT_LIKE = ['vllm', 'openai', 'tgi', 'sglang', 'llamacpp', 'ollama'] as const

/**
 * What an account may use per minute, as a token bucket that holds `burstS` seconds' worth. A request is charged when it
 * comes: one request, and as tokens its prompt and the most it may generate (nothing where it does not say).
 */
const rateLimits = z.strictObject({
  requestsPerMin: positive.optional(),
  tokensPerMin: positive.optional(),
  burstS: positive.default(60),
})

/** Every `everyS` seconds, for the last `forS` of them, steps or gaps take `factor` times as long. */
const peak = z
  .strictObject({ everyS: positive, forS: positive, factor: z.number().min(1) })
  .refine(({ everyS, forS }) => forS <= everyS, {
    path: ['forS'],
    message: 'expected at most everyS, of which it is the end',
  })

/**
 * What every kind of simulated server has. `jitter` is the relative standard deviation of a step's time,
 * `reasoningShare` the first share of an output that is reasoning, `coldStartS` how long the first request waits for the
 * model to be loaded. With `requireKey` any key will do, but there must be one. `routes` are the only paths that are
 * served; one that ends in `/` stands for all below it. `chatLike` is the
 * server whose chunks and errors the chat completions have.
 */
const common = {
  jitter: z.number().min(0).max(0.5).default(0.02),
  seed: z.int().default(1),
  vllmVersion: z.string().min(1).default('0.32.0'),
  metricNames: z.enum(['v0', 'v1']).default('v1'),
  naturalMedianTokens: positive.default(200),
  naturalSigma: z.number().min(0).default(0.6),
  reasoningShare: share.default(0),
  rateLimits: rateLimits.optional(),
  peak: peak.optional(),
  coldStartS: z.number().min(0).default(0),
  requireKey: z.boolean().default(false),
  chatLike: z.enum(CHAT_LIKE).default('vllm'),
  routes: z.array(z.string().startsWith('/')).min(1).optional(),
}

const none = <T extends z.ZodType>(schema: T) => schema.prefault({} as never)

export const engineSchema = z.strictObject({
  kind: z.literal('vllm').default('vllm'),
  model,
  gpu,
  memory,
  efficiency: none(efficiency),
  scheduler,
  simulator: none(z.strictObject(common)),
})

/** No engine at all: every stream starts and ticks at fixed times, whatever the load. */
export const fixedSchema = z.strictObject({
  kind: z.literal('fixed'),
  timing: none(
    z.strictObject({
      servedModel: z.string().min(1).default('fixed'),
      ttftMs: z.number().min(0).default(200),
      gapMs: z.number().min(0).default(20),
      maxModelLen: z.int().min(2).default(131072),
    }),
  ),
  simulator: none(z.strictObject(common)),
})

export type EngineDescription = z.output<typeof engineSchema>
export type FixedDescription = z.output<typeof fixedSchema>
export type Description = EngineDescription | FixedDescription
/** What simulates, whatever the kind. */
export type SimulatorSettings = EngineDescription['simulator']

type Groups = Readonly<Record<string, z.ZodType>>

/** Setting name → the group it stands in. Names are unique over the groups, so that a flag needs the name alone. */
export function settingGroups(kind: 'vllm' | 'fixed'): ReadonlyMap<string, string> {
  const groups: Groups = kind === 'fixed' ? fixedSchema.shape : engineSchema.shape
  const found = new Map<string, string>()
  for (const [group, schema] of Object.entries(groups)) {
    const object = schema instanceof z.ZodPrefault ? schema.def.innerType : schema
    if (object instanceof z.ZodObject) for (const name of Object.keys(object.shape)) found.set(name, group)
  }
  return found
}
