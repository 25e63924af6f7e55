import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EngineChoice, LaunchCommand, Place, Placed, PlaceOutput } from '../../contract.js'
import { watchGpuMemory } from '../local/gpu-memory.js'
import { runGuarded } from '../local/guarded.js'
import { freePort } from '../local/port.js'
import { DOCKER_CAUSES } from './causes.js'
import { dockerObstacle } from './obstacle.js'
import { DOCKER_SCRIPT } from './script.js'
import { type DockerChoice, dockerRun } from './words.js'

/** Beyond the time that the engine has, docker takes some to tear the container down. */
const TEAR_DOWN_S = 30

/** A container on this machine, started by docker's client and removed when it ends. */
export const dockerPlace: Place = {
  kind: 'docker',
  obstacle: (choice) => dockerObstacle(docker(choice).image),
  causes: DOCKER_CAUSES,
  // In a container only docker hears it, which passes on what comes to our loopback.
  listen: async ({ port = 0 }) => ({ host: '0.0.0.0', port: await freePort(port) }),
  start,
}

async function start(choice: EngineChoice, command: LaunchCommand, output: PlaceOutput): Promise<Placed> {
  const { stopTimeoutS } = choice
  const folder = mkdtempSync(join(tmpdir(), 'falloff-docker-'))
  const names = { name: `falloff-${randomBytes(4).toString('hex')}`, idFile: join(folder, 'id') }
  const run = dockerRun(docker(choice), command, names)
  const memory = await watchGpuMemory()
  const words = [
    'sh',
    '-c',
    DOCKER_SCRIPT,
    'falloff-docker',
    names.idFile,
    names.name,
    String(stopTimeoutS),
    ...run,
  ]
  const { ended, end } = runGuarded({ ...command, words }, stopTimeoutS + TEAR_DOWN_S, output)
  let stopped: Promise<void> | undefined
  const stop = async (): Promise<void> => {
    await end()
    rmSync(folder, { recursive: true, force: true })
    const note = await memory.untilReleased()
    if (note !== undefined) output.onNote(note)
  }
  return {
    url: `http://127.0.0.1:${command.port}`,
    ended,
    stop() {
      stopped ??= stop()
      return stopped
    },
  }
}

/** @throws when asked of another place: a mistake of ours */
function docker({ place }: EngineChoice): DockerChoice {
  if (place.kind !== 'docker') throw new Error(`no container at place ${place.kind}`)
  return place
}
