import { randomBytes } from 'node:crypto'
import type { EngineChoice, LaunchCommand, Place, Placed, PlaceOutput } from '../../contract.js'
import { EngineStartError } from '../../failure.js'
import { runGuarded } from '../local/guarded.js'
import { freePort } from '../local/port.js'
import { KUBERNETES_CAUSES } from './causes.js'
import { type Container, containerOf, type Deployment } from './deployment.js'
import { kubernetesObstacle, readDeployment } from './obstacle.js'
import { patchesFor, START_LABEL } from './patch.js'
import { KUBERNETES_SCRIPT } from './script.js'
import { inNamespace, type KubernetesChoice, nameOf } from './words.js'

/** Where the container says nothing. */
const USUAL_PORT = 8000
/** Beyond the time that the engine has: the kubelet's round, and three calls of the cluster. */
const RESTORE_S = 60

/** A deployment of a cluster: its container is given the engine's command, and what was there is put back at the end. */
export const kubernetesPlace: Place = {
  kind: 'kubernetes',
  obstacle: (choice) => kubernetesObstacle(kubernetes(choice)),
  causes: KUBERNETES_CAUSES,
  async listen(choice) {
    if (choice.port !== undefined) return { host: '0.0.0.0', port: choice.port }
    const { container } = await found(kubernetes(choice))
    // Its probes and services ask there.
    return { host: '0.0.0.0', port: container.ports?.[0]?.containerPort ?? USUAL_PORT }
  },
  start,
}

async function start(choice: EngineChoice, command: LaunchCommand, output: PlaceOutput): Promise<Placed> {
  const target = kubernetes(choice)
  const { deployment, container } = await found(target)
  const id = randomBytes(4).toString('hex')
  const patches = patchesFor(deployment, container, command, id)
  output.onNote(`patches ${nameOf(target)}: ${patches.says}; it is put back at the end`)
  const local = await freePort(0)
  const goneS = choice.stopTimeoutS + RESTORE_S / 2
  const ports = `${local}:${command.port}`
  const own = [target.deployment, container.name, `${START_LABEL}=${id}`, ports, String(goneS)]
  const words = ['sh', '-c', KUBERNETES_SCRIPT, 'falloff-kubernetes', ...own, ...inNamespace(target)]
  const env = {
    FALLOFF_CHANGE: JSON.stringify(patches.change),
    FALLOFF_RESTORE: JSON.stringify(patches.restore),
    FALLOFF_RESTORE_STRATEGY: JSON.stringify(patches.restoreStrategy),
  }
  const { ended, end } = runGuarded({ ...command, words, env }, choice.stopTimeoutS + RESTORE_S, output)
  return { url: `http://127.0.0.1:${local}`, ended: ended.then(() => 'ended in its container'), stop: end }
}

async function found(target: KubernetesChoice): Promise<{ deployment: Deployment; container: Container }> {
  const deployment = await readDeployment(target)
  const container = typeof deployment === 'string' ? undefined : containerOf(deployment, target)
  if (typeof deployment !== 'string' && container !== undefined) return { deployment, container }
  throw new EngineStartError({
    reason: 'not-installed',
    message: `the engine cannot be started: ${typeof deployment === 'string' ? deployment : `${nameOf(target)} has no such container`}`,
    hint: 'Correct engine.place.',
  })
}

/** @throws when asked of another place: a mistake of ours */
function kubernetes({ place }: EngineChoice): KubernetesChoice {
  if (place.kind !== 'kubernetes') throw new Error(`no deployment at place ${place.kind}`)
  return place
}
