import type { EngineIdentity } from '../engine-identity.js'
import { textAt } from '../json.js'
import { present } from '../series.js'

/** Server metadata of the KServe v2 protocol. */
const SERVER = '/v2'

export const tritonIdentity: EngineIdentity = {
  engine: 'triton',
  pages: [SERVER],
  recognises: (pages) => textAt(pages.json(SERVER), 'name') === 'triton',
  facts: (pages) => present({ version: textAt(pages.json(SERVER), 'version') }),
}
