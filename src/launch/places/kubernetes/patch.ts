import type { LaunchCommand } from '../../contract.js'
import type { Container, Deployment, Variable } from './deployment.js'

/** Marks the pods of one start, so that they are told from those before and after it. */
export const START_LABEL = 'falloff/start'

export interface Patches {
  /** Puts the engine's command and variables into the deployment. */
  readonly change: object
  /** Puts back what was there; the strategy still is the one of the change, so that ours are gone before the former ones come. */
  readonly restore: object
  /** Puts back the former strategy. */
  readonly restoreStrategy: object
  /** What is changed, in words. */
  readonly says: string
}

/**
 * Strategic merge patches: containers and variables are merged by their names, so that what somebody else changes meanwhile
 * stays. The old pod has to go before the new one comes, since both want the same GPU: the strategy becomes Recreate.
 */
export function patchesFor(
  deployment: Deployment,
  container: Container,
  { words, env, imageBrings = 0 }: LaunchCommand,
  start: string,
): Patches {
  const { name } = container
  // A container with a command of its own does without its image's entrypoint: it gets the whole command.
  const words_ =
    container.command === undefined ? { args: words.slice(imageBrings) } : { command: words, args: [] }
  const former = { args: container.args ?? null, ...(container.command && { command: container.command }) }
  const { strategy } = deployment.spec
  return {
    change: {
      spec: {
        strategy: { type: 'Recreate', rollingUpdate: null },
        template: template(start, {
          name,
          ...words_,
          env: Object.entries(env).map(([n, value]) => ours(container, n, value)),
        }),
      },
    },
    restore: {
      spec: {
        template: template(null, {
          name,
          ...former,
          env: Object.keys(env).map((n) => formerly(container, n)),
        }),
      },
    },
    restoreStrategy: { spec: { strategy: strategy ?? null } },
    says: sentence(container, words_.command ?? words_.args, Object.keys(env)),
  }
}

const template = (start: string | null, container: object): object => ({
  metadata: { labels: { [START_LABEL]: start } },
  spec: { containers: [container] },
})

/** A variable has a value or a place that it is taken from, never both. */
const ours = (container: Container, name: string, value: string): object => ({
  name,
  value,
  ...(formerOf(container, name)?.valueFrom !== undefined && { valueFrom: null }),
})

function formerly(container: Container, name: string): object {
  const entry = formerOf(container, name)
  return entry === undefined ? { name, $patch: 'delete' } : { value: null, ...entry }
}

const formerOf = ({ env = [] }: Container, name: string): Variable | undefined =>
  env.find((candidate) => candidate.name === name)

function sentence(
  { name, command = [], args = [] }: Container,
  words: readonly string[],
  variables: readonly string[],
): string {
  const before = [...command, ...args].join(' ')
  const also = variables.length === 0 ? '' : `, its variables ${variables.join(', ')}`
  return `container ${name} runs \`${words.join(' ')}\` instead of \`${before || 'what its image runs'}\`${also}, and the strategy becomes Recreate`
}
