import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type EngineChoice, launch } from '../../src/launch/index.js'
import { kubernetesPlace } from '../../src/launch/places/kubernetes/index.js'
import { freePort } from '../../src/launch/places/local/port.js'
import { aboutEngine, FAKE_ENGINE, sglangAt, stillRunning } from './fakes/choice.js'
import { startAndKillStarter } from './fakes/killed-starter.js'
import { type FakeCluster, fakeCluster } from './fakes/kubectl.js'

const there = { kind: 'kubernetes', deployment: 'engine', namespace: 'llm' } as const

const container = async (more: object = {}): Promise<object> => ({
  name: 'llm',
  image: 'engine',
  args: ['--host', '127.0.0.1', '--port', '0'],
  env: [
    { name: 'KEPT', value: 'as it was' },
    { name: 'FAKE_WORD', value: 'former' },
  ],
  ports: [{ containerPort: await freePort(0) }],
  ...more,
})

const deploymentOf = (...containers: readonly object[]): object => ({
  metadata: { name: 'engine' },
  spec: {
    replicas: 1,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
    template: { metadata: { labels: { app: 'engine' } }, spec: { containers } },
  },
})

let file: string
let cluster: FakeCluster
async function open(...containers: readonly object[]): Promise<object> {
  const deployment = deploymentOf(...containers)
  writeFileSync(file, JSON.stringify(deployment))
  cluster = await fakeCluster(file, FAKE_ENGINE)
  await cluster.settled()
  return deployment
}
beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'falloff-cluster-')), 'deployment.json')
})
afterEach(() => cluster.close())

test('an engine in a deployment is ready, tells its facts, and the former deployment is back when it is stopped', async () => {
  const former = await open(await container())
  const notes: string[] = []
  const choice = sglangAt(there)
  const engine = await launch(choice, { maxRunningRequests: 64 }, { onPhase: (text) => notes.push(text) })
  expect(engine.facts).toMatchObject({ kvCacheTokens: 431_234, maxNumSeqs: 4096 })
  const { pids, args } = await aboutEngine(engine.url)
  expect(args.slice(-2)).toEqual(['--max-running-requests', '64'])
  expect(notes.join()).toMatch(
    /patches deployment engine in namespace llm: container llm runs `.*--max-running-requests 64` instead of `--host 127.0.0.1 --port 0`/,
  )
  await engine.stop()
  expect(stillRunning(pids)).toEqual([])
  await cluster.settled()
  expect(cluster.manifest()).toEqual(former)
})

test('the container gets the words and variables, and keeps what is not ours', async () => {
  const [kept] = [await container()]
  await open(kept)
  const choice = sglangAt(there)
  const engine = await launch({ ...choice, env: { ...choice.env, FAKE_WORD: 'ours' } })
  const { spec } = cluster.manifest()
  expect(spec.strategy).toEqual({ type: 'Recreate' })
  expect(spec.template.metadata.labels).toEqual({
    app: 'engine',
    'falloff/start': expect.stringMatching(/^[0-9a-f]{8}$/),
  })
  const [patched] = spec.template.spec.containers
  const port = String((kept as { ports: { containerPort: number }[] }).ports[0]?.containerPort)
  expect(patched).toMatchObject({
    image: 'engine',
    args: [...FAKE_ENGINE, '--model-path', 'm', '--host', '0.0.0.0', '--port', port, '--enable-metrics'],
    env: [{ name: 'KEPT', value: 'as it was' }, { name: 'FAKE_WORD', value: 'ours' }, { name: 'FAKE_LINES' }],
  })
  expect(JSON.stringify(cluster.calls)).not.toContain('ours')
  await engine.stop()
})

test('of a container with a command of its own the command is changed and put back', async () => {
  const [program = '', ...rest] = FAKE_ENGINE
  const former = await open(await container({ command: [program], args: [...rest, '--port', '0'] }))
  const engine = await launch(sglangAt(there))
  const [patched] = cluster.manifest().spec.template.spec.containers
  expect(patched?.command?.slice(0, 4)).toEqual([...FAKE_ENGINE, '--model-path', 'm'])
  expect(patched?.args).toEqual([])
  await engine.stop()
  await cluster.settled()
  expect(cluster.manifest()).toEqual(former)
})

test('the former deployment is back when the starter is killed', async () => {
  const former = await open(await container())
  const { pids } = await startAndKillStarter(sglangAt(there))
  const { settled, manifest } = cluster
  await vi.waitFor(
    async () => {
      await settled()
      expect(manifest()).toEqual(former)
      expect(stillRunning(pids)).toEqual([])
    },
    { timeout: 20_000, interval: 100 },
  )
})

test('a container that ends is an engine that failed, though the cluster starts it again', async () => {
  const former = await open(await container())
  const line = 'RuntimeError: Not enough memory. Please try to increase --mem-fraction-static.'
  const env = { FAKE_LINES: JSON.stringify([line]), FAKE_END: '1' }
  await expect(launch(sglangAt(there, { env }))).rejects.toMatchObject({
    reason: 'kv-too-small',
    hint: expect.stringContaining(line),
  })
  await cluster.settled()
  expect(cluster.manifest()).toEqual(former)
})

describe('an obstacle is named with the way out', () => {
  const obstacle = (place: EngineChoice['place']) => kubernetesPlace.obstacle(sglangAt(place))

  test('a deployment that is not there', async () => {
    await open(await container())
    expect(await obstacle({ ...there, deployment: 'other' })).toMatch(
      /^there is no deployment other in namespace llm; correct engine.place, or look which there are/,
    )
  })

  test('several containers, of which none is named or one that is not there', async () => {
    await open(await container(), await container({ name: 'sidecar' }))
    expect(await obstacle(there)).toMatch(/has several containers \(llm, sidecar\); name the engine’s/)
    expect(await obstacle({ ...there, container: 'x' })).toMatch(/has no container x; it has llm, sidecar$/)
    expect(await obstacle({ ...there, container: 'llm' })).toBeUndefined()
  })

  test('no kubectl', async () => {
    await open(await container())
    const path = process.env.PATH
    process.env.PATH = mkdtempSync(join(tmpdir(), 'empty-'))
    expect(await obstacle(there)).toBe('there is no kubectl on the PATH; install it')
    process.env.PATH = path
  })
})
