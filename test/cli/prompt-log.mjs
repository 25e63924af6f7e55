// A chat server that writes every prompt into a file: `node prompt-log.mjs PORT FILE`.
import { appendFileSync } from 'node:fs'
import { createServer } from 'node:http'

const [, , port, file] = process.argv

function answer(body, response) {
  const { messages, max_tokens: outputTokens } = JSON.parse(body)
  const prompt = messages.at(-1).content
  appendFileSync(file, `${JSON.stringify({ pid: process.pid, outputTokens, prompt })}\n`)
  const usage = { prompt_tokens: prompt.split(/\s+/).length, completion_tokens: 1 }
  const chunk = (choices, more = {}) => `data: ${JSON.stringify({ model: 'm', choices, ...more })}\n\n`
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.end(
    chunk([{ index: 0, delta: { content: 'word' } }]) +
      chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]) +
      chunk([], { usage }) +
      'data: [DONE]\n\n',
  )
}

createServer((request, response) => {
  if (request.url === '/v1/models') return response.end(JSON.stringify({ data: [{ id: 'm' }] }))
  if (request.method !== 'POST' || request.url !== '/v1/chat/completions') {
    response.writeHead(request.url === '/health' ? 200 : 404)
    return response.end()
  }
  let body = ''
  request.on('data', (part) => {
    body += part
  })
  request.on('end', () => answer(body, response))
}).listen(Number(port), '127.0.0.1')
