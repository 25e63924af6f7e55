import { askTool } from '../tool.js'
import { type SshChoice, sshAsk } from './words.js'

/** Below what most systems hand out to clients, and above what services have. */
const LOWEST = 20_000
const HIGHEST = 29_999

/** A port that nobody listens on there, as far as the host tells; where it does not, one by chance. */
export async function remotePort(choice: SshChoice, random: () => number = Math.random): Promise<number> {
  const answer = await askTool('ssh', sshAsk(choice, 'cat /proc/net/tcp /proc/net/tcp6 2>/dev/null; true'))
  const taken = answer.kind === 'done' ? portsIn(answer.stdout) : new Set<number>()
  for (;;) {
    const port = LOWEST + Math.floor(random() * (HIGHEST - LOWEST + 1))
    if (!taken.has(port)) return port
  }
}

/** Local ports of a `/proc/net/tcp`: `0: 0100007F:1F90 00000000:0000 0A …`. */
const portsIn = (table: string): ReadonlySet<number> =>
  new Set(
    [...table.matchAll(/^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) /gm)].map(([, port = '']) =>
      Number.parseInt(port, 16),
    ),
  )
