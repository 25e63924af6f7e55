import type { EngineIdentity } from '../engine-identity.js'
import { countAt, textAt } from '../json.js'
import { present } from '../series.js'

const PROPS = '/props'

export const llamacppIdentity: EngineIdentity = {
  engine: 'llama.cpp',
  pages: [PROPS],
  recognises: (pages) =>
    countAt(pages.json(PROPS), 'total_slots') !== undefined &&
    countAt(pages.json(PROPS), 'default_generation_settings', 'n_ctx') !== undefined,
  facts: (pages) => {
    const props = pages.json(PROPS)
    return present({
      version: textAt(props, 'build_info'),
      // Of one slot: what a single request may fill.
      maxModelLen: countAt(props, 'default_generation_settings', 'n_ctx'),
      maxNumSeqs: countAt(props, 'total_slots'),
    })
  },
}
