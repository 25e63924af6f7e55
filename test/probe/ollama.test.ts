import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { howIn, probeAt, shownIn } from './fakes.js'

const open: { close(): unknown }[] = []
afterEach(() => {
  for (const server of open.splice(0)) server.close()
})

/** As Ollama is before its model is loaded; the model has nothing to say to a short question. */
async function startOllamaLike(): Promise<string> {
  let loaded = false
  const pages: Readonly<Record<string, () => unknown>> = {
    '/api/version': () => ({ version: '0.17.4' }),
    '/api/tags': () => ({ models: [{ name: 'small:latest' }] }),
    '/api/ps': () => ({ models: loaded ? [{ name: 'small:latest', context_length: 4096 }] : [] }),
  }
  const server = createServer(async (request, response) => {
    const { url = '' } = request
    if (url === '/') return response.end('Ollama is running')
    const page = pages[url]
    if (page) return response.setHeader('content-type', 'application/json').end(JSON.stringify(page()))
    if (url !== '/api/chat') return response.writeHead(404).end('404 page not found')
    let text = ''
    for await (const part of request) text += part
    loaded = true
    const tokens = text.includes('essay') ? 64 : 0
    response.setHeader('content-type', 'application/x-ndjson')
    const line = (content: string, end: object) =>
      response.write(
        `${JSON.stringify({ model: 'small', message: { role: 'assistant', content }, ...end })}\n`,
      )
    for (let i = 0; i < tokens; i++) {
      line(' sea', { done: false })
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    line('', { done: true, done_reason: 'stop', prompt_eval_count: 9, eval_count: Math.max(1, tokens) })
    return response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(server)
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('an answer of one line and no words is a stream; the context of a model is told once it is loaded', async () => {
  const result = await probeAt(await startOllamaLike())
  expect(shownIn(result)).toMatchObject({
    ...{ engine: 'ollama 0.17.4', models: 'small:latest', context: '4,096 tokens' },
    ...{ 'ollama-chat': 'yes', 'ollama-generate': 'no', streaming: 'yes', 'tokens per chunk': '1' },
    'exact length': 'no: the API has no field for it',
  })
  expect(howIn(result)['ollama-chat']).toBe('POST /api/chat: 1 token in 0 chunks, ended by stop')
  expect(result.target).toMatchObject({ api: 'ollama-chat', model: 'small:latest', exactOutput: 'off' })
})
