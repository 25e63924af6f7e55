import type { RequestFailure, ResponseHeaders } from '../base/index.js'
import { readError } from './error-body.js'
import { messageOf, plainText } from './message.js'
import { retryAfterMsOf } from './retry-after.js'
import { classify } from './taxonomy.js'

/** As much of a server's text as is looked at. */
const MAX_LOOK = 4000

/** Failure of a whole request, from its status and body. */
export function httpFailure(status: number, body: string, headers: ResponseHeaders): RequestFailure {
  const { message: told = plainText(body), names } = readError(parsed(body))
  const message = told.slice(0, MAX_LOOK)
  const retryAfterMs = retryAfterMsOf(headers)
  return {
    code: classify(status, names, message),
    message: messageOf(`HTTP ${status} ${message}`),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
}

/**
 * Failure told inside a stream that began with status 200.
 * @param event as it was parsed
 * @param assumedStatus what to take it for where the event tells neither status nor cause: an engine that broke
 */
export function streamFailure(event: unknown, assumedStatus?: number): RequestFailure {
  const { message: told = 'an error event', names, status } = readError(event)
  const message = told.slice(0, MAX_LOOK)
  return {
    code: classify(status ?? assumedStatus, names, message),
    message: messageOf(`in the stream: ${message}`),
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
