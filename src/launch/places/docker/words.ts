import type { LaunchCommand, PlaceChoice } from '../../contract.js'

export type DockerChoice = Extract<PlaceChoice, { kind: 'docker' }>

/** Options that say which devices the container has. */
const DEVICES = ['--gpus', '--device', '--runtime']

export interface ContainerNames {
  readonly name: string
  /** Receives the container's id. */
  readonly idFile: string
}

/**
 * `docker run` for the command. The container gets all GPUs unless its options say otherwise; `--gpus none`, which docker
 * itself does not know, is none at all. Values of variables are not among the words, where everybody could read them: docker
 * takes them from its own environment.
 */
export function dockerRun(
  { image, options }: DockerChoice,
  { words, env, port, imageBrings = 0 }: LaunchCommand,
  { name, idFile }: ContainerNames,
): readonly string[] {
  const own = ['--rm', '--name', name, '--cidfile', idFile, '--publish', `127.0.0.1:${port}:${port}`]
  const devices = options.some(isDevice) ? withoutNone(options) : ['--gpus', 'all', ...options]
  const variables = Object.keys(env).flatMap((variable) => ['--env', variable])
  return ['docker', 'run', ...own, ...devices, ...variables, image, ...words.slice(imageBrings)]
}

const isDevice = (option: string): boolean =>
  DEVICES.some((name) => option === name || option.startsWith(`${name}=`))

const withoutNone = (options: readonly string[]): readonly string[] =>
  options.filter(
    (option, i) =>
      option !== '--gpus=none' &&
      !(option === '--gpus' && options[i + 1] === 'none') &&
      !(option === 'none' && options[i - 1] === '--gpus'),
  )
