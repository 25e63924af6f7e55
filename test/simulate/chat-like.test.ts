import { describe, expect, test } from 'vitest'
import { eventsOf, jsonOf, post, startFixed } from './wire.js'

const messages = [{ role: 'user', content: 'hello' }]

describe('chat completions like other servers’', () => {
  const ask = { messages, max_tokens: 3, ignore_eos: true, stream: true }
  const usage = { stream_options: { include_usage: true } }
  const told = async (chatLike: string, more: object = usage, fault: readonly string[] = []) => {
    const server = await startFixed({ chatLike }, fault)
    const { status, text } = await post(server.url, '/v1/chat/completions', { ...ask, ...more })
    await server.close()
    return { status, text }
  }
  /** What each chunk says: `r` the role, `c` content, `f` a finish reason, `u` usage; then whether it ended with [DONE]. */
  const signs = (text: string): string =>
    eventsOf(text)
      .map((event) => {
        if (event.data.trim() === '[DONE]') return 'DONE'
        const { choices = [], usage: counts, error } = jsonOf(event)
        if (error) return 'error'
        const { delta = {}, finish_reason: finish } = choices[0] ?? {}
        return `${delta.role ? 'r' : ''}${delta.content ? 'c' : ''}${finish ? 'f' : ''}${counts ? 'u' : ''}`
      })
      .join(' ')

  test.each([
    ['vllm', 'r c c cf u DONE', 'data: '],
    ['openai', 'r c c c f u DONE', 'data: '],
    ['tgi', 'rc rc rcf u DONE', 'data:{'],
    ['sglang', 'r c c c f u DONE', 'data: '],
    ['llamacpp', 'r c c c f u DONE', 'data: '],
    ['ollama', 'rc c c f u DONE', 'data: '],
  ])('%s: %s', async (chatLike, order, start) => {
    const { text } = await told(chatLike)
    expect(signs(text)).toBe(order)
    expect(text.startsWith(start)).toBe(true)
  })

  test.each([
    ['vllm', '[DONE]'],
    ['openai', 'error'],
    ['tgi', '[DONE]'],
    ['sglang', '[DONE]'],
    ['llamacpp', 'error'],
    ['ollama', 'error'],
  ])('%s: after an error on the way comes %s', async (chatLike, last) => {
    const { text } = await told(chatLike, usage, ['error-frame=1'])
    expect(eventsOf(text).at(-1)?.data).toContain(last)
    expect(signs(text)).toMatch(/ error( DONE)?$/)
  })

  test.each([
    ['vllm', 400, { error: { type: 'BadRequestError', code: 400 } }],
    ['tgi', 422, { error: expect.any(String), error_type: 'validation' }],
    ['sglang', 400, { object: 'error', code: 400, message: expect.any(String) }],
    ['llamacpp', 400, { error: { type: 'invalid_request_error', code: 400 } }],
    ['ollama', 400, { error: { code: null } }],
  ])('%s: a bad request is answered with %i', async (chatLike, status, body) => {
    const refused = await told(chatLike, { messages: [] })
    expect(refused.status).toBe(status)
    expect(JSON.parse(refused.text)).toMatchObject(body)
  })
})
