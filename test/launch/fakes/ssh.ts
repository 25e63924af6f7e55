import { spawn } from 'node:child_process'
import { type Call, type FakeTool, fakeTool } from './daemon.js'

/** Options of ssh that take a word behind them. */
const WITH_WORD = new Set(['-o', '-L', '-p', '-i'])

const FAILURES: Readonly<Record<string, string>> = {
  refuses: 'ssh: connect to host refuses port 22: Connection refused',
  nowhere: 'ssh: Could not resolve hostname nowhere: Name or service not known',
  locked: 'user@locked: Permission denied (publickey,password).',
  strange: 'something else',
}

/**
 * An ssh whose hosts are all this machine, but those of names that say otherwise. As sshd does, it runs the command by a shell
 * as a process of its own, and closes its stdin when the connection is gone.
 */
export function fakeSsh(): Promise<FakeTool> {
  return fakeTool('ssh', (call) => {
    const { host, command, forward } = parse(call.args)
    const failure = FAILURES[host]
    if (failure !== undefined) {
      call.err(failure)
      return call.end(255)
    }
    if (forward) call.forward(forward.local, forward.remote, false)
    runRemote(call, command)
  })
}

function runRemote(call: Call, command: string): void {
  const child = spawn('sh', ['-c', command], { stdio: 'pipe', detached: true })
  child.stdout.on('data', call.out)
  child.stderr.on('data', (data) => call.err(String(data)))
  child.stdin.on('error', () => undefined)
  child.on('exit', (code) => call.end(code ?? 255))
  call.onInput((data) => void (data === null ? child.stdin.end() : child.stdin.write(data)))
  call.onGone(() => {
    child.stdin.end()
    child.stdout.destroy()
    child.stderr.destroy()
  })
}

function parse(args: readonly string[]): {
  host: string
  command: string
  forward?: { readonly local: number; readonly remote: number }
} {
  let at = 0
  let spec: string | undefined
  for (let word = args[at]; word?.startsWith('-'); word = args[at]) {
    if (word === '-L') spec = args[at + 1]
    at += WITH_WORD.has(word) ? 2 : 1
  }
  const [, local, , remote] = spec?.split(':') ?? []
  const forward = spec === undefined ? {} : { forward: { local: Number(local), remote: Number(remote) } }
  return { host: args[at] ?? '', command: args.slice(at + 1).join(' '), ...forward }
}
