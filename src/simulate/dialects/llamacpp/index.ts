import { RequestError } from '../../request-error.js'
import type { Served } from '../dialect.js'

export { llamaCppManners } from './manners.js'
export { completion } from './request.js'

/** `/props`: settings of the server. */
export const props = ({ model, maxModelLen }: Served, slots: number): object => ({
  default_generation_settings: { id: 0, n_ctx: maxModelLen, is_processing: false, params: {} },
  total_slots: slots,
  model_alias: model,
  model_path: model,
  modalities: { vision: false, audio: false },
  chat_template: '',
  build_info: 'falloff-simulator',
})

/** `/slots`. @throws RequestError when all are busy and the caller wants one */
export function slotList(
  { maxModelLen }: Served,
  slots: number,
  running: number,
  failIfBusy: boolean,
): object {
  if (failIfBusy && running >= slots) throw new RequestError('unavailable', 'no slot available')
  return Array.from({ length: slots }, (_, id) => ({ id, n_ctx: maxModelLen, is_processing: id < running }))
}
