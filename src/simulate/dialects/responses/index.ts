import type { Endpoint } from '../dialect.js'
import { openAiManners } from '../openai/manners.js'
import { parseResponses } from './request.js'

export const responses: Endpoint = { ...openAiManners, parse: parseResponses }
