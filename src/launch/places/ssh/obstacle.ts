import { askTool } from '../tool.js'
import { type SshChoice, sshAsk } from './words.js'

/** What ssh says when it cannot get in, and the way out. */
const REASONS: readonly { readonly pattern: RegExp; readonly means: string }[] = [
  {
    pattern: /Could not resolve hostname/i,
    means: 'there is no host of that name; correct engine.place.host',
  },
  {
    pattern: /Connection refused/i,
    means:
      'the host refuses: no ssh server listens there; start one, or give its port (options: [-p, "2222"])',
  },
  {
    pattern: /timed out|No route to host|Network is unreachable/i,
    means: 'the host does not answer; look whether it is up and reachable from here',
  },
  {
    pattern: /Permission denied|Too many authentication failures/i,
    means:
      'the host does not let us in; falloff never asks for a password, so set up a key (ssh-copy-id), or name one (options: [-i, FILE])',
  },
  {
    pattern: /Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED/i,
    means: 'the host’s key is not known or has changed; connect once by hand and check it',
  },
]

/** Why nothing can be run on the host; undefined when it can. */
export async function sshObstacle(choice: SshChoice): Promise<string | undefined> {
  const answer = await askTool('ssh', sshAsk(choice, 'true'))
  if (answer.kind === 'done') return undefined
  if (answer.kind === 'missing') return 'there is no ssh on the PATH; install OpenSSH’s client'
  if (answer.kind === 'silent')
    return `${choice.host} did not answer within ${answer.afterS} s; look whether \`ssh ${choice.host} true\` works`
  const said = answer.said === '' ? `it ended with code ${answer.code}` : answer.said
  const means = REASONS.find(({ pattern }) => pattern.test(said))?.means
  return `${choice.host}: ${means ?? `look whether \`ssh ${choice.host} true\` works`} (ssh says: ${said})`
}
