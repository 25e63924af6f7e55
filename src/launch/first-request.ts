import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { messageOf } from '../base/index.js'

const QUOTED_LENGTH = 300

/**
 * Sends the request at which an engine loads its model, on a connection of its own, and waits for the answer without a limit.
 *
 * @returns what went wrong, as half a sentence; undefined when it is answered with 2xx
 */
export async function sendFirstRequest(
  url: string,
  body: object,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { status, said } = await post(url, JSON.stringify(body), signal)
    if (status >= 200 && status < 300) return undefined
    return `answered its first request with ${status}: ${said.slice(0, QUOTED_LENGTH)}`
  } catch (thrown) {
    return `did not answer its first request: ${messageOf(thrown)}`
  }
}

function post(url: string, body: string, signal: AbortSignal): Promise<{ status: number; said: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const asked = request(url, { method: 'POST', agent: false, headers, signal }, (answer) => {
      text(answer).then((said) => resolve({ status: answer.statusCode ?? 0, said }), reject)
    })
    asked.on('error', reject)
    asked.end(body)
  })
}
