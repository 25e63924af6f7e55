import type { PlaceChoice } from '../../contract.js'

export type KubernetesChoice = Extract<PlaceChoice, { kind: 'kubernetes' }>

/** Arguments of `kubectl` that say where. */
export const inNamespace = ({ namespace }: KubernetesChoice): readonly string[] =>
  namespace === undefined ? [] : ['--namespace', namespace]

/** As people call it: `deployment vllm in namespace llm`. */
export const nameOf = ({ deployment, namespace }: KubernetesChoice): string =>
  `deployment ${deployment}${namespace === undefined ? '' : ` in namespace ${namespace}`}`
