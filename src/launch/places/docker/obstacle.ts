import { askTool, type ToolAnswer } from '../tool.js'

const SERVER = ['version', '--format', '{{.Server.Version}}']

/** Why no container can be started from here; undefined when it can. */
export async function dockerObstacle(image: string): Promise<string | undefined> {
  const elsewhere = await otherMachine()
  const server = await askTool('docker', SERVER)
  if (server.kind !== 'done') return unreachable(server)
  if (elsewhere !== undefined) {
    return `docker runs its containers on another machine (${elsewhere}), whose ports cannot be reached as if they were ours; use place: ssh for that machine`
  }
  const found = await askTool('docker', ['image', 'inspect', '--format', '{{.Id}}', image])
  if (found.kind === 'done') return undefined
  return `the image ${image} is not on this machine; fetch it first, so that its download does not count as time to start: docker pull ${image}`
}

/** Where docker's daemon is, when that is told and not here. */
async function otherMachine(): Promise<string | undefined> {
  const named = await askTool('docker', ['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'])
  const host = process.env.DOCKER_HOST ?? (named.kind === 'done' ? named.stdout.trim() : '')
  return /^(?:tcp|ssh|https?):\/\/(?!localhost|127\.)/.test(host) ? host : undefined
}

function unreachable(answer: Exclude<ToolAnswer, { kind: 'done' }>): string {
  if (answer.kind === 'missing') {
    return 'there is no docker on the PATH; install its command-line client, or let the engine run without a container (place: local)'
  }
  if (answer.kind === 'silent') {
    return `docker’s daemon did not answer within ${answer.afterS} s; look whether it runs (docker info)`
  }
  if (/permission denied/i.test(answer.said)) {
    return `docker’s daemon does not let this user in; join the group docker, or use a rootless daemon (docker says: ${answer.said})`
  }
  return `docker’s daemon cannot be reached; start it, or name another in DOCKER_HOST (docker says: ${answer.said})`
}
