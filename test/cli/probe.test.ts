import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { probeText } from '../../src/cli/probe-text.js'
import { startFake } from '../probe/fakes.js'
import { falloff, filesUnder, freshFolder, startSimulator } from './command.js'

const KEY = 'sk-planted-0123456789abcdef'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function simulator(): Promise<string> {
  const { url, child } = await startSimulator('fixed', ['--set', 'ttftMs=5', '--set', 'gapMs=1'])
  closing.push(() => child.kill())
  return url
}

async function lockedGateway(): Promise<string> {
  const fake = await startFake({
    refuse: (_, { headers }) =>
      headers.authorization === `Bearer ${KEY}`
        ? undefined
        : { status: 401, body: { error: { message: `no such key: ${headers.authorization}` } } },
    headers: { 'x-echo': `Bearer ${KEY}`, server: `gate ${KEY}` },
  })
  closing.push(() => fake.close())
  return fake.url
}

describe('falloff probe', () => {
  test('writes a target that a run and a profile can name', async () => {
    const cwd = freshFolder()
    const url = await simulator()
    const { code, stdout, stderr } = await falloff(['probe', url], cwd)
    expect(code).toBe(0)
    const name = new URL(url).host.replace(':', '-')
    expect(stdout).toMatch(new RegExp(`^What answers at ${url}\\n\\nServer\\n {2}engine +falloff-simulator`))
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
    expect(stderr).toContain(`target   targets/${name}.yaml`)
    writeFileSync(join(cwd, 'p.yaml'), `name: named\ntarget: ${name}\n`)
    for (const named of [['p.yaml'], ['--target', name]]) {
      const { stdout: found } = await falloff(
        ['run', ...named, '--requests', '2', '--output-tokens', '4'],
        cwd,
      )
      expect(found).toContain('2 completed of 2')
    }
  }, 120_000)

  test('prints JSON and nothing else, and writes where it is told to', async () => {
    const cwd = freshFolder()
    const args = ['probe', await simulator(), '--api', 'ollama-chat', '--format', 'json', '--out', 'a/b.yaml']
    const { code, stdout } = await falloff(args, cwd)
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      target: { api: 'ollama-chat' },
      targetFile: 'a/b.yaml',
      groups: [
        { title: 'Server' },
        { title: 'APIs' },
        { title: 'Streams of ollama-chat' },
        { title: 'Network' },
      ],
    })
    expect(readFileSync(join(cwd, 'a', 'b.yaml'), 'utf8')).toContain('api: ollama-chat')
  })

  test.each([
    ['--key-env', ['--key-env', 'PLANTED'], 'keyEnv: PLANTED'],
    ['--header', ['--header', 'Authorization: Bearer ${PLANTED}'], 'Authorization: Bearer ${PLANTED}'],
  ])('a key given by %s opens the door, and is found nowhere', async (_, flags, written) => {
    const cwd = freshFolder()
    const url = await lockedGateway()
    const { code, stdout, stderr } = await falloff(['probe', url, ...flags], cwd, { PLANTED: KEY })
    expect(code).toBe(0)
    const files = filesUnder(cwd).map((path) => readFileSync(path, 'utf8'))
    expect(files).toHaveLength(1)
    expect(files[0]).toContain(written)
    for (const text of [stdout, stderr, ...files]) expect(text).not.toContain('planted-0123')
  })

  test('a wrong key is told as what it is, with exit code 1 and no file', async () => {
    const cwd = freshFolder()
    const wrong = { PLANTED: 'sk-planted-0123-wrong' }
    const { code, stdout, stderr } = await falloff(
      ['probe', await lockedGateway(), '--key-env', 'PLANTED'],
      cwd,
      wrong,
    )
    expect(code).toBe(1)
    expect(stdout).toMatch(/openai-chat +refused +POST \/v1\/chat\/completions: HTTP 401 no such key/)
    expect(stderr).toContain('No API answered: no target file is written')
    expect(`${stdout}${stderr}`).not.toContain('planted-0123')
    expect(existsSync(join(cwd, 'targets'))).toBe(false)
  })

  test.each([
    [
      ['127.0.0.1:9'],
      'url: expected http://host:port or https://host; got "127.0.0.1:9"; did you mean "http://127.0.0.1:9"?',
    ],
    [
      ['http://127.0.0.1:9', '--timeout', 'soon'],
      '--timeout: expected seconds above 0, such as 30; got soon',
    ],
    [['http://127.0.0.1:9', '--api', 'chat'], '--api (target.api): expected one of openai-chat, '],
    [['http://127.0.0.1:9', '--key-env', 'NOT_SET_HERE'], 'NOT_SET_HERE'],
  ])('wrong use is exit code 2 and one clear line: %j', async (args, message) => {
    const { code, stderr } = await falloff(['probe', ...args], freshFolder())
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })
})

test('the table keeps its columns within the width, whatever a server calls itself', () => {
  const groups = [
    {
      title: 'Server',
      findings: [
        { name: 'engine', value: null, shown: 'vllm 0.32.0', how: 'GET /v1/models, /version' },
        { name: 'models', value: null, shown: 'm'.repeat(40), how: 'named\u001b[2J in its answers' },
      ],
    },
    { title: 'Network', findings: [{ name: 'clock', value: null, shown: 'as ours', how: 'Date header' }] },
  ]
  expect(probeText('http://h', groups, 60)).toBe(`What answers at http://h

Server
  engine  vllm 0.32.0               GET /v1/models, /version
  models  mmmmmmmmmmmmmmmmmmmmmmmm  named [2J in its answers
          mmmmmmmmmmmmmmmm

Network
  clock   as ours  Date header`)
})
