import type { Endpoint } from '../dialect.js'
import { openAiManners } from './manners.js'
import { parseChat, parseCompletion } from './request.js'
import { chatShape } from './shapes.js'
import { MANNERS, type Variant, variantShape } from './variants.js'

const variant = (name: Variant): Endpoint => ({
  ...MANNERS[name],
  parse: (body) => parseChat(body, (identity, wish) => variantShape(name, identity, wish)),
})

export { modelList, tokenizeAnswer } from './side-doors.js'
export { openAiManners }
/** Chat completions, by the server they are like. */
export const chatLike: Readonly<Record<'vllm' | Variant, Endpoint>> = {
  vllm: { ...openAiManners, parse: (body) => parseChat(body, chatShape) },
  openai: variant('openai'),
  tgi: variant('tgi'),
  sglang: variant('sglang'),
  llamacpp: variant('llamacpp'),
  ollama: variant('ollama'),
}
export const completions: Endpoint = { ...openAiManners, parse: parseCompletion }
