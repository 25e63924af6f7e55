import { z } from 'zod'

/** An engine that falloff starts. Where it runs, and what a kind of engine needs, is checked in `engine-sense.ts`. */

export const ENGINE_KINDS = ['simulator', 'vllm', 'sglang', 'tgi', 'llamacpp', 'ollama', 'command'] as const
export const PLACE_KINDS = ['local', 'docker', 'ssh', 'kubernetes'] as const

/** YAML reads `2048` as a number; a command line has words. */
const word = z.union([z.string(), z.number().transform(String)])
const options = z.array(word).default([])

const placeSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('local') }).describe('a process on this machine'),
    z
      .strictObject({
        kind: z.literal('docker'),
        image: z.string().min(1).describe('image of the engine'),
        options: options.describe('options of docker run, such as --gpus=all'),
      })
      .describe('a container on this machine'),
    z
      .strictObject({
        kind: z.literal('ssh'),
        host: z.string().min(1).describe('as ssh takes it: host, user@host or a name of its configuration'),
        options: options.describe('options of ssh'),
      })
      .describe('a process on another machine, reached through a tunnel'),
    z
      .strictObject({
        kind: z.literal('kubernetes'),
        deployment: z.string().min(1).describe('that is patched and rolled'),
        namespace: z.string().min(1).optional(),
        container: z.string().min(1).optional().describe('of its pod; the first when left out'),
      })
      .describe('a deployment of a cluster that kubectl reaches'),
  ])
  .describe('where the engine runs')

export const engineSchema = z.strictObject({
  kind: z
    .enum(ENGINE_KINDS)
    .default('simulator')
    .describe('which engine falloff starts for the run; command: any server'),
  description: z
    .string()
    .min(1)
    .optional()
    .describe('of a simulator: a name under profiles/engines, or a path'),
  model: z
    .string()
    .min(1)
    .optional()
    .describe('what the engine serves: a folder, a file, or a name that it knows'),
  settings: z
    .record(z.string(), z.union([z.number(), z.boolean(), z.string()]))
    .default({})
    .describe('engine settings by name, such as maxNumSeqs'),
  args: z.array(word).default([]).describe('further words of its command line'),
  env: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/, 'expected the name of an environment variable'), word)
    .default({})
    .describe(
      'environment variables beside those that are there; ${NAME} is replaced by one that is, and never written to a file',
    ),
  command: z
    .array(word)
    .default([])
    .describe(
      'the program, as words, where it is not the usual one; of kind command the whole command, with {port}, {host} and {model} in it',
    ),
  port: z
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .describe('port that it listens on; a free one is picked when left out'),
  readyPath: z
    .string()
    .regex(/^\//, 'expected a path such as /health')
    .optional()
    .describe('of kind command: answers with 2xx once it serves; /health when left out'),
  readyTimeoutS: z.number().positive().default(900).describe('longest time until it serves'),
  stopTimeoutS: z
    .number()
    .positive()
    .default(20)
    .describe('time it has to end when it is asked to; then it is killed'),
  place: placeSchema.prefault({ kind: 'local' }),
})
