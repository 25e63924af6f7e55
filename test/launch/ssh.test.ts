import { spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { EngineStartError, launch } from '../../src/launch/index.js'
import { sshPlace } from '../../src/launch/places/ssh/index.js'
import { remotePort } from '../../src/launch/places/ssh/port.js'
import { firstLineOf, REMOTE_COMMAND } from '../../src/launch/places/ssh/remote.js'
import { aboutEngine, sglangAt, stillRunning } from './fakes/choice.js'
import type { FakeTool } from './fakes/daemon.js'
import { startAndKillStarter } from './fakes/killed-starter.js'
import { fakeSsh } from './fakes/ssh.js'

const there = { kind: 'ssh', host: 'gpu1', options: ['-p', '2222'] } as const

let ssh: FakeTool
beforeEach(async () => {
  ssh = await fakeSsh()
})
afterEach(() => ssh.close())

test('an engine on another host is ready, tells its facts, and is gone with its children when stopped', async () => {
  const engine = await launch(sglangAt(there), { maxRunningRequests: 64 })
  expect(engine.facts).toMatchObject({
    kvCacheTokens: 431_234,
    maxNumSeqs: 4096,
    attentionBackend: 'flashinfer',
  })
  const { pids, args } = await aboutEngine(engine.url)
  expect(args.slice(-2)).toEqual(['--max-running-requests', '64'])
  await engine.stop()
  await engine.stop()
  expect(stillRunning(pids)).toEqual([])
})

test('the engine listens on the host’s loopback, and ssh forwards a port of ours to it', async () => {
  const engine = await launch(sglangAt(there, { port: 23_456 }))
  const words = ssh.calls.at(-1) ?? []
  const local = new URL(engine.url).port
  expect(words).toEqual([
    '-T',
    ...['-o', 'LogLevel=ERROR'],
    ...['-o', 'BatchMode=yes', '-o', 'ControlPath=none'],
    ...['-o', 'ServerAliveInterval=15', '-o', 'ServerAliveCountMax=4'],
    ...['-o', 'ExitOnForwardFailure=yes', '-L', `127.0.0.1:${local}:127.0.0.1:23456`],
    ...['-p', '2222', 'gpu1', REMOTE_COMMAND],
  ])
  expect((await aboutEngine(engine.url)).args.slice(2, 6)).toEqual(['--host', '127.0.0.1', '--port', '23456'])
  await engine.stop()
})

test('one that does not hear is killed after its time', async () => {
  const choice = sglangAt(there, { stopTimeoutS: 1 })
  const engine = await launch({ ...choice, env: { ...choice.env, FAKE_DEAF: '1' } })
  const { pids } = await aboutEngine(engine.url)
  await engine.stop()
  expect(stillRunning(pids)).toEqual([])
})

test('the remote processes go when the starter is killed', async () => {
  const { pids } = await startAndKillStarter(sglangAt(there))
  await vi.waitFor(() => expect(stillRunning(pids)).toEqual([]), { timeout: 20_000, interval: 100 })
})

test('the remote processes go when the connection breaks, and the engine counts as ended', async () => {
  const engine = await launch(sglangAt(there))
  const { pids } = await aboutEngine(engine.url)
  await ssh.close()
  expect(await engine.ended).not.toBe('')
  await vi.waitFor(() => expect(stillRunning(pids)).toEqual([]), { timeout: 20_000, interval: 100 })
  await engine.stop()
})

test('variables reach the engine as they are, and are not among the words of any process', async () => {
  const choice = sglangAt(there)
  const word = `a 'secret' "of" $many \`signs\`\nand lines\\n!`
  const engine = await launch({ ...choice, env: { ...choice.env, FAKE_WORD: word } })
  expect((await aboutEngine(engine.url)).word).toBe(word)
  await engine.stop()
  expect(JSON.stringify(ssh.calls)).not.toContain('secret')
})

test('a program that is not there is named', async () => {
  const failure = await launch(sglangAt(there, { command: ['no-such-program'] })).catch(
    (thrown: unknown) => thrown,
  )
  expect(failure).toBeInstanceOf(EngineStartError)
  expect(failure).toMatchObject({
    reason: 'not-installed',
    hint: expect.stringContaining('falloff: no-such-program: command not found'),
  })
})

test('a remote engine that ends while it starts is quoted, with its cause', async () => {
  const line = 'launch_server.py: error: unrecognized arguments: --bad'
  const env = { FAKE_LINES: JSON.stringify([line]), FAKE_END: '2' }
  await expect(launch(sglangAt(there, { env }))).rejects.toMatchObject({
    reason: 'bad-flag',
    message: 'SGLang did not start: it does not take a flag: unrecognized arguments: --bad',
  })
})

test('a picked port is one that nobody has there', async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const address = taken.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  // A chance that would pick the taken port first, and the lowest one then.
  const draws = [(port - 20_000) / 10_000 + 1e-9, 0]
  expect(await remotePort(there, () => draws.shift() ?? 0.5)).not.toBe(port)
  await new Promise((resolve) => taken.close(resolve))
})

describe('an obstacle is named with the way out', () => {
  test.each([
    {
      host: 'refuses',
      sentence: /^refuses: the host refuses: no ssh server listens there.*Connection refused\)$/,
    },
    { host: 'nowhere', sentence: /there is no host of that name; correct engine\.place\.host/ },
    { host: 'locked', sentence: /set up a key \(ssh-copy-id\).*Permission denied/ },
    { host: 'strange', sentence: /look whether `ssh strange true` works \(ssh says: something else\)/ },
  ])('of host $host', async ({ host, sentence }) => {
    expect(await sshPlace.obstacle(sglangAt({ ...there, host }))).toMatch(sentence)
  })

  test('and where it lets us in there is none', async () => {
    expect(await sshPlace.obstacle(sglangAt(there))).toBeUndefined()
  })

  test('no ssh at all is one', async () => {
    const path = process.env.PATH
    process.env.PATH = mkdtempSync(join(tmpdir(), 'empty-'))
    expect(await sshPlace.obstacle(sglangAt(there))).toBe(
      'there is no ssh on the PATH; install OpenSSH’s client',
    )
    process.env.PATH = path
  })
})

test('words and variables of any text come through the remote shell unchanged', async () => {
  // No program can be given a NUL.
  const anyText = fc.string({ unit: 'grapheme' }).map((s) => s.replaceAll('\0', ''))
  const show = 'process.stdout.write(JSON.stringify([process.argv.slice(1), process.env.ANY]))'
  await fc.assert(
    fc.asyncProperty(fc.array(anyText, { maxLength: 3 }), anyText, async (words, value) => {
      const all = [process.execPath, '-e', show, '--', ...words]
      const line = firstLineOf({ words: all, env: { ANY: value }, stopTimeoutS: 1 })
      expect(line).not.toContain('\n')
      const said = await saidByRemote(line)
      expect(JSON.parse(said.slice(said.indexOf('\n') + 1))).toEqual([words, value])
    }),
    { numRuns: 15 },
  )
})

/** What the remote script writes. Its stdin stays open: that is what lets the command live. */
async function saidByRemote(line: string): Promise<string> {
  const shell = spawn('sh', ['-c', REMOTE_COMMAND], { stdio: ['pipe', 'pipe', 'ignore'] })
  shell.stdin.on('error', () => undefined)
  shell.stdin.write(`${line}\n`)
  const said = await text(shell.stdout)
  shell.stdin.destroy()
  return said
}
