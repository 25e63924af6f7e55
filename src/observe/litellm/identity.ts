import type { EngineIdentity } from '../engine-identity.js'
import { textAt } from '../json.js'
import { present } from '../series.js'

const READINESS = '/health/readiness'

export const litellmIdentity: EngineIdentity = {
  engine: 'litellm',
  pages: [READINESS],
  recognises: (pages) => textAt(pages.json(READINESS), 'litellm_version') !== undefined,
  facts: (pages) => present({ version: textAt(pages.json(READINESS), 'litellm_version') }),
}
