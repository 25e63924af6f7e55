import { askTool, type ToolAnswer } from '../tool.js'
import { containerOf, type Deployment, parseDeployment } from './deployment.js'
import { inNamespace, type KubernetesChoice, nameOf } from './words.js'

/** Asks the cluster; a sentence when there is no such deployment, or nobody answers. */
export async function readDeployment(choice: KubernetesChoice): Promise<Deployment | string> {
  const answer = await askTool('kubectl', [
    'get',
    'deployment',
    choice.deployment,
    ...inNamespace(choice),
    '--output',
    'json',
    '--request-timeout=15s',
  ])
  if (answer.kind !== 'done') return unreachable(choice, answer)
  return parseDeployment(answer.stdout) ?? `kubectl tells ${nameOf(choice)} in a form that is not known`
}

/** Why no engine can be started there; undefined when it can. */
export async function kubernetesObstacle(choice: KubernetesChoice): Promise<string | undefined> {
  const found = await readDeployment(choice)
  if (typeof found === 'string') return found
  if (containerOf(found, choice) === undefined) return whichContainer(choice, found)
  const verb = await askTool('kubectl', [
    'auth',
    'can-i',
    'patch',
    `deployments/${choice.deployment}`,
    ...inNamespace(choice),
  ])
  if (verb.kind === 'failed' && /^no\b/.test(verb.said)) {
    return `this user may not patch ${nameOf(choice)}; ask for a role that may (kubectl auth can-i patch deployments)`
  }
  return undefined
}

function whichContainer(choice: KubernetesChoice, { spec }: Deployment): string {
  const names = spec.template.spec.containers.map(({ name }) => name).join(', ')
  return choice.container === undefined
    ? `${nameOf(choice)} has several containers (${names}); name the engine’s as engine.place.container`
    : `${nameOf(choice)} has no container ${choice.container}; it has ${names}`
}

function unreachable(choice: KubernetesChoice, answer: Exclude<ToolAnswer, { kind: 'done' }>): string {
  if (answer.kind === 'missing') return 'there is no kubectl on the PATH; install it'
  if (answer.kind === 'silent')
    return `the cluster did not answer within ${answer.afterS} s; look whether \`kubectl get pods\` works`
  const { said } = answer
  if (/deployments?\.apps .*not found/i.test(said)) {
    return `there is no ${nameOf(choice)}; correct engine.place, or look which there are (kubectl get deployments --all-namespaces)`
  }
  if (/forbidden|unauthorized|must be logged in/i.test(said)) {
    return `the cluster does not let this user read ${nameOf(choice)}; log in, or ask for a role that may (kubectl says: ${said})`
  }
  return `no cluster can be reached; look at \`kubectl config current-context\`, or name another file in KUBECONFIG (kubectl says: ${said})`
}
