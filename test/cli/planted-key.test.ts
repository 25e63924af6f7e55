import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { falloff, filesUnder, freshFolder, onlyRun, readRecords, start } from './command.js'

/** A server that says back whatever secret it was sent, wherever it can: no word of it may reach a file or the terminal. */

const KEY = 'sk-planted-4f9a7c21e8d03b56'
const SECOND = 'second/secret+of=another"header'
const PASSWORD = 'pa55-w0rd%/x'

const event = (content: string, finish: string | null, model: string): string =>
  `data: ${JSON.stringify({ model, choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`

/** What was sent, in all the forms in which it may come back. */
function echoOf(req: IncomingMessage): string {
  const { authorization = '', 'x-extra': extra = '' } = req.headers
  const basic = authorization.startsWith('Basic ')
    ? Buffer.from(authorization.slice(6), 'base64').toString()
    : ''
  return [authorization, String(extra), basic, encodeURIComponent(String(extra))].join(' ')
}

const ANSWERS: readonly ((echo: string, res: ServerResponse) => void)[] = [
  (echo, res) => {
    const head = { 'content-type': 'text/event-stream', 'x-request-id': echo.replace(/[^\x20-\x7e]/g, '') }
    res.writeHead(200, head)
    res.end(`${event('a', null, echo)}${event('b', echo, echo)}data: [DONE]\n\n`)
  },
  (echo, res) => res.writeHead(401).end(JSON.stringify({ error: { message: `Incorrect key: ${echo}` } })),
  (echo, res) => res.writeHead(500, { 'retry-after': echo }).end(`no JSON: ${echo}`),
  // Cut to 200 characters, the message ends inside the key.
  (echo, res) => res.writeHead(429).end(JSON.stringify({ error: { message: `${'x'.repeat(170)} ${echo}` } })),
  (echo, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' })
    res.end(`data: ${JSON.stringify({ error: { message: echo, code: 500 } })}\n\n`)
  },
]

let server: Server
let count = 0
let listsModels = true
beforeAll(async () => {
  server = createServer((req, res) => {
    const echo = echoOf(req)
    req.resume().on('end', () => {
      if (req.url === '/v1/models') {
        if (!listsModels) return void res.writeHead(401).end(JSON.stringify({ error: { message: echo } }))
        return void res.end(JSON.stringify({ data: [{ id: 'm', owned_by: echo, max_model_len: 4096 }] }))
      }
      if (req.url === '/version') return void res.end(JSON.stringify({ version: `1.0 ${echo}` }))
      if (req.url === '/tokenize') return void res.end(JSON.stringify({ count: 12 }))
      if (req.url === '/metrics') {
        const label = JSON.stringify(echo)
        return void res.end(
          `vllm:num_requests_running 0\nvllm:cache_config_info{block_size="16",name=${label}} 1\n`,
        )
      }
      const answer = ANSWERS[count++ % ANSWERS.length]
      answer?.(echo, res)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const url = (user = ''): string => `http://${user}127.0.0.1:${(server.address() as AddressInfo).port}`
const small = ['--concurrency', '3', '--requests', '30', '--output-tokens', '2', '--tokenizer', 'server']

/** At least eight characters of it would be as good as all. */
const parts = (secret: string): string[] => {
  const forms = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]
  return forms.flatMap((form) => [form, form.slice(0, 12)])
}

function expectNowhere(secrets: readonly string[], cwd: string, output: string): void {
  const files = filesUnder(cwd)
  const texts = [
    ...files.map((path) => [path, readFileSync(path, 'utf8')] as const),
    ['output', output] as const,
  ]
  for (const [place, text] of texts) {
    for (const part of secrets.flatMap(parts)) expect(text.includes(part), `${part} in ${place}`).toBe(false)
  }
}

const environment = { PLANTED: KEY, EXTRA: SECOND, FALLOFF_DEBUG: '1' }
const withKey = ['--key-env', 'PLANTED', '--header', 'x-extra: ${EXTRA}']

describe('a planted key', () => {
  test('is in no file and no output of a run whose server says it back in every answer', async () => {
    const cwd = freshFolder()
    const args = [
      'run',
      '--target',
      url(),
      ...withKey,
      ...small,
      '--retry',
      'openai-sdk',
      '--set',
      'retry.baseS=0.01',
    ]
    const text = await falloff(args, cwd, environment)
    const json = await falloff([...args, '--format', 'json', '--name', 'again'], cwd, environment)
    const report = await falloff(
      ['report', join(cwd, 'results', readdirSync(join(cwd, 'results'))[0] ?? ''), '--format', 'json'],
      cwd,
      environment,
    )
    expectNowhere([KEY, SECOND], cwd, [text, json, report].map((o) => o.stdout + o.stderr).join('\n'))
    // Not for want of echoes: what was masked is seen to be.
    const records = filesUnder(cwd).filter((path) => path.includes('requests-'))
    const all = records.map((path) => readFileSync(path, 'utf8')).join('\n')
    for (const field of [
      '"requestId":"Bearer [secret]',
      '"finishReason":"Bearer [secret]',
      'HTTP 401 Incorrect key: Bearer',
    ])
      expect(all).toContain(field)
    expect(filesUnder(cwd).length).toBeGreaterThan(12)
  }, 60_000)

  test('of a file named in the environment works as well', async () => {
    const cwd = freshFolder()
    const file = join(freshFolder(), 'key')
    writeFileSync(file, `${KEY}\n`)
    const env = { FROM_FILE_FILE: file }
    const outcome = await falloff(['run', '--target', url(), '--key-env', 'FROM_FILE', ...small], cwd, env)
    expectNowhere([KEY], cwd, outcome.stdout + outcome.stderr)
    expect(readFileSync(join(onlyRun(cwd), 'requests-0.ndjson'), 'utf8')).toContain(
      '"requestId":"Bearer [secret]',
    )
  })

  test('of which there is none is one clear error', async () => {
    const { code, stderr } = await falloff(
      ['run', '--target', url(), '--key-env', 'NOT_THERE', ...small],
      freshFolder(),
    )
    expect(code).toBe(2)
    expect(stderr).toMatch(/target\.keyEnv: neither NOT_THERE nor NOT_THERE_FILE is set/)
  })

  test('is not in the error of a target that refuses it from the start', async () => {
    const cwd = freshFolder()
    listsModels = false
    const refused = await falloff(['run', '--target', url(), ...withKey, ...small], cwd, environment)
    listsModels = true
    // The first answer to a count of tokens is a 401 that holds it.
    count = 1
    const args = ['run', '--target', url(), ...withKey, ...small, '--tokenizer', 'calibrate']
    const uncounted = await falloff(args, cwd, environment)
    expect(refused.code).toBe(2)
    expect(uncounted.stderr).toMatch(
      /a first request to .* failed: HTTP 401 .*Incorrect key: Bearer .*\[secret\]/,
    )
    expectNowhere([KEY, SECOND], cwd, [refused, uncounted].map((o) => o.stdout + o.stderr).join('\n'))
  })

  test('is not in what a killed run leaves behind', async () => {
    const cwd = freshFolder()
    const args = ['run', '--target', url(), ...withKey, ...small, '--requests', '100000']
    const { child, done } = start(args, cwd, environment)
    const recorded = (): number => {
      try {
        return readRecords(onlyRun(cwd)).length
      } catch {
        return 0
      }
    }
    for (let i = 0; i < 400 && recorded() < 20; i++) await new Promise((resolve) => setTimeout(resolve, 25))
    child.kill('SIGKILL')
    const { stdout, stderr } = await done
    expect(recorded()).toBeGreaterThanOrEqual(20)
    expectNowhere([KEY, SECOND], cwd, stdout + stderr)
  })

  test('written into the command line, or as the user of the URL, is masked too', async () => {
    const cwd = freshFolder()
    const user = `${url(`tester:${encodeURIComponent(PASSWORD)}@`)}`
    const outcome = await falloff(['run', '--target', user, '--header', `x-api-key: ${KEY}`, ...small], cwd)
    expectNowhere([KEY, PASSWORD], cwd, outcome.stdout + outcome.stderr)
    const [record] = readRecords(onlyRun(cwd)).filter((r) => r.httpStatus === 401)
    expect(record?.error?.message).toMatch(/Incorrect key: Basic .*\[secret\]/)
  })
})
