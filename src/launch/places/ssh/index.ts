import type { EngineChoice, LaunchCommand, Place, Placed, PlaceOutput } from '../../contract.js'
import { runGuarded } from '../local/guarded.js'
import { freePort } from '../local/port.js'
import { sshObstacle } from './obstacle.js'
import { remotePort } from './port.js'
import { firstLineOf } from './remote.js'
import { SSH_SCRIPT } from './script.js'
import { type SshChoice, sshRun } from './words.js'

/** Beyond the time that the engine has, the connection takes some to close. */
const HANG_UP_S = 15

/** Another machine, over ssh: the engine listens on its loopback, and ssh forwards a port of ours to it. */
export const sshPlace: Place = {
  kind: 'ssh',
  obstacle: (choice) => sshObstacle(ssh(choice)),
  causes: [
    {
      cause: 'port-in-use',
      pattern: /cannot listen to port: \d+|Could not request local forwarding/,
      says: 'ssh cannot listen on the port that is forwarded',
      wayOut: 'Start again: falloff picks another port each time.',
    },
  ],
  listen: async (choice) => ({ host: '127.0.0.1', port: choice.port ?? (await remotePort(ssh(choice))) }),
  start,
}

async function start(choice: EngineChoice, command: LaunchCommand, output: PlaceOutput): Promise<Placed> {
  const { stopTimeoutS } = choice
  const target = ssh(choice)
  const local = await freePort(0)
  const words = ['sh', '-c', SSH_SCRIPT, 'falloff-ssh', ...sshRun(target, { local, remote: command.port })]
  const env = { FALLOFF_FIRST_LINE: firstLineOf({ ...command, stopTimeoutS }) }
  const { ended, end } = runGuarded({ ...command, words, env }, stopTimeoutS + HANG_UP_S, output)
  return {
    url: `http://127.0.0.1:${local}`,
    // What ssh itself ends with when the connection fails or breaks.
    ended: ended.then((how) =>
      how === 'ended with code 255' ? `lost its connection to ${target.host}` : how,
    ),
    stop: end,
  }
}

/** @throws when asked of another place: a mistake of ours */
function ssh({ place }: EngineChoice): SshChoice {
  if (place.kind !== 'ssh') throw new Error(`no host at place ${place.kind}`)
  return place
}
