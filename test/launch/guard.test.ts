import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { loadLibc } from '../../src/kernel/index.js'
import { descendantsOf, parseStat, readProcessTable } from '../../src/launch/guard/process-table.js'
import { launch } from '../../src/launch/index.js'
import { start } from '../cli/command.js'
import { FAKE_ENGINE, fakeVllm, freshFolder, lives, processesIn, until, type Wish } from './engine.js'

const PARENT = fileURLToPath(new URL('./parent.mjs', import.meta.url))

/** A falloff in a process group of its own, as a terminal has it, whose engine runs with a child and a grandchild. */
async function startParent(wish: Wish) {
  const file = join(freshFolder(), 'pids')
  const choice = JSON.stringify(fakeVllm({ ...wish, children: file }))
  const parent = spawn(process.execPath, [PARENT, choice], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(parent.stdout, 'data')
  return { pid: parent.pid ?? 0, gone: once(parent, 'exit'), engine: () => processesIn(file) }
}

describe('an engine does not outlive falloff', () => {
  test.each([
    { title: 'that is killed', signal: 'SIGKILL', to: 'falloff', wish: {} },
    {
      title: 'that is killed, when the engine is deaf',
      signal: 'SIGKILL',
      to: 'falloff',
      wish: { deaf: true },
    },
    { title: 'that is ended', signal: 'SIGTERM', to: 'falloff', wish: {} },
    { title: 'that gets Ctrl-C with all of its process group', signal: 'SIGINT', to: 'group', wish: {} },
    { title: 'that is killed with all of its process group', signal: 'SIGKILL', to: 'group', wish: {} },
  ] as const)('$title', async ({ signal, to, wish }) => {
    const { pid, gone, engine } = await startParent(wish)
    expect(engine().filter(lives)).toHaveLength(wish.deaf ? 3 : 2)
    process.kill(to === 'group' ? -pid : pid, signal)
    await gone
    await until('the engine is gone', () => engine().filter(lives).length === 0)
    expect(engine()).toHaveLength(3)
  })
})

test.skipIf(!loadLibc().available)(
  'an engine shares the session of falloff and has a process group of its own',
  async () => {
    const file = join(freshFolder(), 'pids')
    const engine = await launch(fakeVllm({ children: file }))
    await until('three processes', () => processesIn(file).length === 3)
    const places = [process.pid, processesIn(file)[0]].map((pid) => statOf(pid ?? 0))
    await engine.stop()
    expect(places[1]?.session).toBe(places[0]?.session)
    expect(places[1]?.group).not.toBe(places[0]?.group)
  },
)

function statOf(pid: number) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const [, , group, session] = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { group, session }
}

/** Of a run of the built command, with the fake engine behind `engine.kind: command`. */
function writeProfile(folder: string, wish: Wish): void {
  const words = [process.execPath, FAKE_ENGINE, 'serve', '--port', '{port}']
  const engine = { kind: 'command', command: words, env: { FAKE: JSON.stringify(wish) }, stopTimeoutS: 1 }
  writeFileSync(join(folder, 'profile.json'), JSON.stringify({ engine, limits: { requests: 1 } }))
}

describe('the command', () => {
  test('ends the engine that was starting when it gets Ctrl-C, and says so', async () => {
    const folder = freshFolder()
    const file = join(folder, 'pids')
    writeProfile(folder, { silent: true, children: file })
    const { child, done } = start(['run', 'profile.json'], folder)
    await until('three processes', () => processesIn(file).length === 3)
    child.kill('SIGINT')
    const { code, stderr } = await done
    expect(processesIn(file).filter(lives)).toEqual([])
    expect(stderr).toContain('Error: interrupted while the command was starting')
    expect(code).toBe(130)
  })

  test('quotes the engine that did not start, and leaves nothing of it', async () => {
    const folder = freshFolder()
    const file = join(folder, 'pids')
    const log = ['OSError: [Errno 98] Address already in use']
    writeProfile(folder, { log, exitCode: 1, children: file })
    const { code, stderr } = await start(['run', 'profile.json'], folder).done
    expect(stderr).toContain('Error: the command did not start: another process listens on its port')
    expect(stderr).toContain('    OSError: [Errno 98] Address already in use')
    expect(stderr).toMatch(/All of them: .*engine\.log/)
    expect(processesIn(file)).toHaveLength(3)
    expect(processesIn(file).filter(lives)).toEqual([])
    expect(code).toBe(1)
  })
})

describe('the list of processes', () => {
  test.each([
    {
      text: '4631 (vllm) S 4600 4631 4500 0 -1',
      entry: { pid: 4631, parent: 4600, session: 4500, zombie: false },
    },
    // A name may hold brackets and spaces.
    { text: '7 (a) S 1 (b) Z 3 4 5 0 -1', entry: { pid: 7, parent: 3, session: 5, zombie: true } },
    { text: '', entry: undefined },
  ])('reads "$text"', ({ text, entry }) => {
    expect(parseStat(text)).toEqual(entry)
  })

  test('names all descendants, however deep, and nobody else', () => {
    const entry = (pid: number, parent: number) => ({ pid, parent, session: 1, zombie: false })
    const table = [entry(1, 0), entry(2, 1), entry(3, 2), entry(4, 3), entry(5, 1), entry(6, 2)]
    expect(descendantsOf(2, table).map(({ pid }) => pid)).toEqual([3, 6, 4])
  })

  test.skipIf(process.platform !== 'linux')('has this process and its parent', () => {
    const own = readProcessTable()?.find(({ pid }) => pid === process.pid)
    expect(own?.parent).toBe(process.ppid)
  })
})
