import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CapacityForecast, LaunchFacts } from '../../../record/index.js'
import type { EngineSettings } from '../../contract.js'

/** Of a model's `config.json`, what its KV cache takes. Absent fields follow from others, as in the model's own code. */
interface ModelShape {
  readonly num_hidden_layers?: unknown
  readonly num_attention_heads?: unknown
  readonly num_key_value_heads?: unknown
  readonly head_dim?: unknown
  readonly hidden_size?: unknown
  readonly torch_dtype?: unknown
  readonly dtype?: unknown
  /** The language part of a model that sees or hears too. */
  readonly text_config?: ModelShape
  /** Keys and values kept as one small vector: another formula. */
  readonly kv_lora_rank?: unknown
}

const BYTES: Readonly<Record<string, number>> = { float32: 4, float: 4, float16: 2, half: 2, bfloat16: 2 }

/** The shape of the model in a folder; undefined when there is none, as for a name that the engine fetches by itself. */
export function readModelShape(folder: string): ModelShape | undefined {
  try {
    const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as ModelShape
    return { ...config, ...config.text_config }
  } catch {
    return undefined
  }
}

/**
 * Keys and values of one token on each GPU: 2 · layers · KV heads · head dimension · bytes of a number. KV heads are split
 * over tensor-parallel GPUs, and layers over pipeline stages; a head is never split.
 */
export function kvBytesPerToken(shape: ModelShape, settings: EngineSettings): number | undefined {
  const { num_hidden_layers, num_attention_heads, num_key_value_heads, head_dim, hidden_size } = shape
  const layers = amount(num_hidden_layers)
  const heads = amount(num_attention_heads)
  const kvHeads = amount(num_key_value_heads) ?? heads
  const dim = amount(head_dim) ?? ratio(amount(hidden_size), heads)
  const bytes = bytesOfNumber(shape, settings)
  if (layers === undefined || kvHeads === undefined || dim === undefined || bytes === undefined)
    return undefined
  if (shape.kv_lora_rank !== undefined) return undefined
  const headsHere = Math.max(1, kvHeads / (amount(settings.tensorParallelSize) ?? 1))
  const layersHere = Math.ceil(layers / (amount(settings.pipelineParallelSize) ?? 1))
  return 2 * layersHere * headsHere * dim * bytes
}

/** `auto` is the format of the weights, and that one may be the model's own. */
function bytesOfNumber({ torch_dtype, dtype }: ModelShape, settings: EngineSettings): number | undefined {
  const { kvCacheDtype = 'auto', dtype: asked = 'auto' } = settings
  if (String(kvCacheDtype).startsWith('fp8')) return 1
  const [name] = [kvCacheDtype, asked, dtype, torch_dtype].filter(
    (word) => word !== 'auto' && word !== undefined,
  )
  return BYTES[String(name)]
}

/**
 * What should fit: the memory that the engine has for its KV cache over the bytes of a token, in whole blocks. Where it was
 * told its blocks there is nothing to forecast.
 */
export function forecastCapacity(
  shape: ModelShape,
  settings: EngineSettings,
  { kvMemoryBytes, dtype }: LaunchFacts,
): CapacityForecast | undefined {
  const bytesPerToken = kvBytesPerToken(shape, dtype === undefined ? settings : { ...settings, dtype })
  const memory = amount(settings.kvCacheMemoryBytes) ?? kvMemoryBytes
  if (bytesPerToken === undefined || memory === undefined) return undefined
  if (settings.numGpuBlocksOverride !== undefined) return undefined
  const blockSize = amount(settings.blockSize) ?? DEFAULT_BLOCK
  return { bytesPerToken, tokens: Math.floor(memory / (bytesPerToken * blockSize)) * blockSize }
}

/** Of a GPU. Where the engine takes another, the forecast is off by less than one block of that. */
const DEFAULT_BLOCK = 16

const amount = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined

const ratio = (whole: number | undefined, parts: number | undefined): number | undefined =>
  whole === undefined || parts === undefined ? undefined : whole / parts
