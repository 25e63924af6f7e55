import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type EngineChoice, EngineStartError, launch } from '../../src/launch/index.js'
import { dockerPlace } from '../../src/launch/places/docker/index.js'
import { dockerRun } from '../../src/launch/places/docker/words.js'
import { aboutEngine, sglangAt, stillRunning } from './fakes/choice.js'
import { type FakeDocker, fakeDocker } from './fakes/docker.js'
import { startAndKillStarter } from './fakes/killed-starter.js'

const inShell = { kind: 'docker', image: 'shell', options: [] } as const

let docker: FakeDocker
beforeEach(async () => {
  docker = await fakeDocker()
})
afterEach(() => docker.close())

test('an engine in a container is ready, tells its facts, and is gone with its children when stopped', async () => {
  const engine = await launch(sglangAt(inShell), { maxRunningRequests: 64 })
  expect(engine.facts).toMatchObject({ kvCacheTokens: 431_234, maxNumSeqs: 4096, maxModelLen: 131_072 })
  const { pids, args } = await aboutEngine(engine.url)
  expect(args.slice(-2)).toEqual(['--max-running-requests', '64'])
  expect(docker.names()).toEqual([expect.stringMatching(/^falloff-[0-9a-f]{8}$/)])
  await engine.stop()
  await engine.stop()
  expect(stillRunning(pids)).toEqual([])
  expect(docker.names()).toEqual([])
  expect(await engine.ended).toBe('ended with code 0')
})

test('it is stopped by the id of its container, with the time that the choice gives it', async () => {
  const engine = await launch(sglangAt(inShell, { stopTimeoutS: 3 }))
  await engine.stop()
  const stops = docker.calls.filter(([verb]) => verb === 'stop')
  expect(stops).toEqual([['stop', '-t', '3', expect.stringMatching(/^[0-9a-f]{64}$/)]])
})

test('one that does not hear is killed after its time', async () => {
  const choice = sglangAt(inShell, { stopTimeoutS: 1 })
  const engine = await launch({ ...choice, env: { ...choice.env, FAKE_DEAF: '1' } })
  const { pids } = await aboutEngine(engine.url)
  await engine.stop()
  expect(stillRunning(pids)).toEqual([])
})

test('a container goes when its starter is killed', async () => {
  const { pids } = await startAndKillStarter(sglangAt(inShell))
  await vi.waitFor(() => expect(stillRunning(pids)).toEqual([]), { timeout: 20_000, interval: 100 })
  expect(docker.names()).toEqual([])
})

test('the value of a variable is not among the words, and reaches the engine', async () => {
  const choice = sglangAt(inShell)
  const engine = await launch({ ...choice, env: { ...choice.env, FAKE_WORD: 'sesame' } })
  expect((await aboutEngine(engine.url)).word).toBe('sesame')
  await engine.stop()
  expect(JSON.stringify(docker.calls)).not.toContain('sesame')
})

test('an image that brings the program is given the arguments alone', async () => {
  const engine = await launch(
    sglangAt(
      { ...inShell, image: 'engine' },
      { kind: 'llamacpp', command: [], env: {}, args: ['--verbose'] },
    ),
  )
  const { args } = await aboutEngine(engine.url)
  expect(args[0]).toBe('--model')
  expect(args.at(-1)).toBe('--verbose')
  await engine.stop()
})

test('an engine that ends while it starts is quoted, with its cause', async () => {
  const line = 'RuntimeError: Not enough memory. Please try to increase --mem-fraction-static.'
  const env = { FAKE_LINES: JSON.stringify([line]), FAKE_END: '1' }
  const folder = mkdtempSync(join(tmpdir(), 'falloff-test-'))
  const failure = await launch(sglangAt(inShell, { env }), {}, { folder }).catch((thrown: unknown) => thrown)
  expect(failure).toBeInstanceOf(EngineStartError)
  expect(failure).toMatchObject({ reason: 'kv-too-small', hint: expect.stringContaining(line) })
  expect(readFileSync(join(folder, 'engine.log'), 'utf8')).toContain(line)
  expect(docker.names()).toEqual([])
})

describe('the words of docker run', () => {
  const command = { words: ['prog', 'sub', '--x', '1'], env: { A: 'secret' }, readyPath: '/', port: 8123 }
  const names = { name: 'falloff-ab', idFile: '/t/id' }
  const own = [
    'docker',
    'run',
    '--rm',
    '--name',
    'falloff-ab',
    '--cidfile',
    '/t/id',
    '--publish',
    '127.0.0.1:8123:8123',
  ]
  const rest = ['--env', 'A', 'img', 'sub', '--x', '1']

  test.each<{ when: string; options: readonly string[]; become: readonly string[] }>([
    {
      when: 'nothing is said of devices',
      options: ['--ipc', 'host'],
      become: ['--gpus', 'all', '--ipc', 'host'],
    },
    { when: 'options choose GPUs', options: ['--gpus', 'device=1'], become: ['--gpus', 'device=1'] },
    { when: 'options choose GPUs in one word', options: ['--gpus=2'], become: ['--gpus=2'] },
    { when: 'another runtime is asked for', options: ['--runtime=rocm'], become: ['--runtime=rocm'] },
    { when: 'GPUs are not wanted', options: ['--gpus', 'none', '--ipc', 'host'], become: ['--ipc', 'host'] },
    { when: 'GPUs are not wanted, in one word', options: ['--gpus=none'], become: [] },
  ])('when $when', ({ options, become }) => {
    const place = { kind: 'docker', image: 'img', options } as const
    expect(dockerRun(place, { ...command, imageBrings: 1 }, names)).toEqual([...own, ...become, ...rest])
  })
})

test('an image that is not there is an obstacle, with the command that fetches it', async () => {
  const place: EngineChoice['place'] = { kind: 'docker', image: 'vllm/vllm-openai:v9', options: [] }
  expect(await dockerPlace.obstacle(sglangAt(place))).toMatch(
    /is not on this machine.*docker pull vllm\/vllm-openai:v9$/,
  )
})

test('no docker at all is an obstacle', async () => {
  const path = process.env.PATH
  process.env.PATH = mkdtempSync(join(tmpdir(), 'empty-'))
  try {
    expect(await dockerPlace.obstacle(sglangAt(inShell))).toMatch(/^there is no docker on the PATH; install/)
    await expect(launch(sglangAt(inShell))).rejects.toThrow(
      /SGLang cannot be started there: there is no docker/,
    )
  } finally {
    process.env.PATH = path
  }
})
