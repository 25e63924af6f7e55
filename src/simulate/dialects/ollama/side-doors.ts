import { z } from 'zod'
import { RequestError } from '../../request-error.js'
import { checked } from '../body.js'
import type { Served } from '../dialect.js'

const VERSION = '0.33.0'

const details = {
  parent_model: '',
  format: 'gguf',
  family: 'falloff-simulator',
  families: ['falloff-simulator'],
  parameter_size: '',
  quantization_level: '',
}

const entry = (model: string) => ({
  name: `${model}:latest`,
  model: `${model}:latest`,
  size: 0,
  digest: '0'.repeat(64),
  details,
})

/** `/api/version`. */
export const version = (): object => ({ version: VERSION })

/** `/api/tags`: the models there are. */
export const tags = ({ model }: Served): object => ({
  models: [{ ...entry(model), modified_at: new Date(0).toISOString() }],
})

/** `/api/ps`: the models that are loaded. */
export const running = ({ model, maxModelLen }: Served, isLoaded: boolean): object => ({
  models: isLoaded ? [{ ...entry(model), expires_at: NEVER, size_vram: 0, context_length: maxModelLen }] : [],
})

const NEVER = '2318-01-01T00:00:00Z'

const showSchema = z.looseObject({ model: z.string().optional(), name: z.string().optional() })

/** `/api/show`: what is known of a model. @throws RequestError for any other model */
export function show(body: unknown, { model, maxModelLen }: Served): object {
  const given = checked(showSchema, body)
  const asked = (given.model ?? given.name ?? '').replace(/:latest$/, '')
  if (asked !== model) throw new RequestError('no-model', `model '${asked}' not found`)
  return {
    modelfile: '',
    parameters: '',
    template: '',
    details,
    model_info: {
      'general.architecture': 'falloff',
      'general.basename': model,
      'falloff.context_length': maxModelLen,
    },
    capabilities: ['completion'],
    modified_at: new Date(0).toISOString(),
  }
}
