import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../../src/base/index.js'
import { loadProfile, type Profile } from '../../src/profile/index.js'

/** @returns the path of a profile with this engine, alone in a folder */
function written(engine: object): string {
  const folder = mkdtempSync(join(tmpdir(), 'falloff-profile-'))
  writeFileSync(join(folder, 'p.json'), JSON.stringify({ limits: { requests: 1 }, engine }))
  return join(folder, 'p.json')
}

const engineOf = (engine: object): Profile['engine'] => loadProfile(written(engine), []).engine

function problemsOf(engine: object): string[] {
  try {
    engineOf(engine)
    return []
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) throw thrown
    return thrown.problems.map(({ place, message }) => `${place.split(' ').at(-1)}: ${message}`)
  }
}

describe('an engine in a profile', () => {
  test('of the kind that there was first is written as before', () => {
    expect(engineOf({ description: 'mistral-7b-a10g' })).toMatchObject({
      kind: 'simulator',
      description: 'mistral-7b-a10g',
      place: { kind: 'local' },
    })
  })

  test('has its words as words, whatever YAML makes of them', () => {
    const engine = engineOf({
      kind: 'vllm',
      model: 'm',
      args: ['--swap-space', 4],
      env: { OMP_NUM_THREADS: 2 },
    })
    expect(engine?.args).toEqual(['--swap-space', '4'])
    expect(engine?.env).toEqual({ OMP_NUM_THREADS: '2' })
    expect(engine?.readyTimeoutS).toBe(900)
  })

  test('has a model by its path where there is one beside the profile, and else by its name', () => {
    const path = written({ kind: 'vllm', model: 'models/m' })
    expect(loadProfile(path, []).engine?.model).toBe('models/m')
    const folder = join(path, '..', 'models', 'm')
    mkdirSync(folder, { recursive: true })
    expect(loadProfile(path, []).engine?.model).toBe(folder)
  })

  test.each([
    {
      engine: { kind: 'vlm', model: 'm' },
      says: [
        'engine.kind: expected one of simulator, vllm, sglang, tgi, llamacpp, ollama, command; got "vlm"; did you mean "vllm"?',
      ],
    },
    {
      engine: {},
      says: ['engine.description: the simulator needs one: a name under profiles/engines, or a path'],
    },
    {
      engine: { kind: 'vllm', description: 'd' },
      says: [
        'engine.model: vllm needs one: what is it to serve? (--model)',
        'engine.description: only the simulator has one; vllm serves engine.model',
      ],
    },
    {
      engine: { description: 'd', model: 'm', place: { kind: 'ssh', host: 'h' } },
      says: [
        'engine.model: the simulator has no use for it; is another engine.kind meant?',
        'engine.place: the simulator runs on this machine alone; leave it out',
      ],
    },
    {
      engine: { kind: 'command' },
      says: ['engine.command: a command needs its words, such as [my-server, --port, "{port}"]'],
    },
    {
      engine: { kind: 'command', command: ['serve'] },
      says: [
        'engine.command: no word of it has {port} in it, and engine.port is not given; falloff must know where it listens',
      ],
    },
    { engine: { kind: 'command', command: ['serve'], port: 8000 }, says: [] },
    {
      engine: { kind: 'vllm', model: 'm', args: ['--port=9'], readyPath: '/health' },
      says: [
        'engine.readyPath: known of vllm; leave it out',
        'engine.args: falloff says where it listens; leave --port=9 out (engine.port chooses a port)',
      ],
    },
    {
      engine: { kind: 'vllm', model: 'm', place: { kind: 'dokcer' } },
      says: [
        'engine.place.kind: expected one of local, docker, ssh, kubernetes; got "dokcer"; did you mean "docker"?',
      ],
    },
  ])('$engine', ({ engine, says }) => {
    expect(problemsOf(engine)).toEqual(says)
  })
})
