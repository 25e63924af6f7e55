/** An answer that is sent at once. */
export function jsonBytes(status: string, body: string): Buffer {
  return Buffer.from(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

/** An error in the form that OpenAI and vLLM give it. */
export function errorBytes(status: string, message: string): Buffer {
  const error = { message, type: 'BadRequestError', code: Number.parseInt(status, 10) }
  return jsonBytes(status, JSON.stringify({ error }))
}

/** Head of an answer whose body comes in HTTP chunks. */
export const chunkedHead = (contentType: string): string =>
  `HTTP/1.1 200 OK\r\ncontent-type: ${contentType}\r\ntransfer-encoding: chunked\r\n\r\n`
