import type { EngineIdentity } from '../engine-identity.js'
import { countAt, settingsIn, textAt } from '../json.js'
import { present } from '../series.js'

const INFO = '/info'

const SETTINGS = [
  'max_concurrent_requests',
  'max_input_tokens',
  'max_total_tokens',
  'max_client_batch_size',
  'max_batch_total_tokens',
  'waiting_served_ratio',
]

export const tgiIdentity: EngineIdentity = {
  engine: 'tgi',
  pages: [INFO],
  recognises: (pages) =>
    countAt(pages.json(INFO), 'max_total_tokens') !== undefined &&
    textAt(pages.json(INFO), 'model_id') !== undefined,
  facts: (pages) => {
    const info = pages.json(INFO)
    const model = textAt(info, 'model_id')
    return present({
      version: textAt(info, 'version'),
      maxModelLen: countAt(info, 'max_total_tokens'),
      // Only older versions tell these two.
      kvCacheTokens: countAt(info, 'max_batch_total_tokens'),
      maxNumSeqs: countAt(info, 'max_batch_size'),
      config: settingsIn(info, SETTINGS),
      models: model === undefined ? undefined : [model],
    })
  },
}
