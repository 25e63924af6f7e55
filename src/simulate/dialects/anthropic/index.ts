import type { Endpoint } from '../dialect.js'
import { anthropicManners } from './manners.js'
import { parseMessages } from './request.js'

export { countTokens } from './request.js'
export { anthropicManners }
export const anthropicMessages: Endpoint = { ...anthropicManners, parse: parseMessages }
