import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { profileSchema } from '../../src/profile/schema.js'
import { driveHere } from './harness.js'

const event = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
const usage = (reasoning: number): string =>
  `data: ${JSON.stringify({
    choices: [],
    usage: {
      ...{ prompt_tokens: 9, completion_tokens: 3 + reasoning },
      completion_tokens_details: { reasoning_tokens: reasoning },
    },
  })}\n\n`

/** The 64th request and those after it are thought about first. */
let server: Server
beforeAll(async () => {
  server = createServer((req, res) => {
    const index = Number(String(req.headers['x-request-id']).split('-').at(-1))
    req.resume().on('end', () => {
      res.writeHead(200, { 'content-type': 'text/event-stream' })
      if (index >= 64) res.write(event({ reasoning_content: 'hm' }))
      // Two letters, a sign outside the basic plane, and one letter more.
      res.write(event({ content: 'ab' }) + event({ content: '🚀' }))
      res.end(`${event({ content: 'c' }, 'stop')}${usage(index >= 64 ? 1 : 0)}data: [DONE]\n\n`)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

test('the characters of every 32nd answer are counted, but of none that was thought about', async () => {
  const profile = profileSchema.parse({ load: { kind: 'closed', concurrency: 4 }, limits: { requests: 100 } })
  const { port } = server.address() as AddressInfo
  const { records } = await driveHere({ profile, transport: 'undici', port })
  expect(records).toHaveLength(100)
  expect(records.every((r) => r.state === 'completed')).toBe(true)
  const counted = records.filter((r) => r.outputChars !== undefined)
  expect(counted.map((r) => [r.index, r.outputChars]).sort(([a = 0], [b = 0]) => a - b)).toEqual([
    [0, 4],
    [32, 4],
  ])
})
