import { z } from 'zod'
import type { KubernetesChoice } from './words.js'

const variable = z.looseObject({ name: z.string(), valueFrom: z.unknown().optional() })

const container = z.looseObject({
  name: z.string(),
  command: z.array(z.string()).optional(),
  args: z.array(z.string()).optional(),
  env: z.array(variable).optional(),
  ports: z.array(z.looseObject({ containerPort: z.number() })).optional(),
})

const deployment = z.looseObject({
  spec: z.looseObject({
    replicas: z.number().optional(),
    strategy: z.looseObject({ type: z.string().optional() }).optional(),
    template: z.looseObject({ spec: z.looseObject({ containers: z.array(container).min(1) }) }),
  }),
})

export type Deployment = z.infer<typeof deployment>
export type Container = z.infer<typeof container>
export type Variable = z.infer<typeof variable>

/** Reads `kubectl get deployment -o json`; undefined when it is none. */
export function parseDeployment(text: string): Deployment | undefined {
  try {
    return deployment.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** The engine's container: the one named, or the only one. Undefined when that does not tell one. */
export function containerOf(
  { spec }: Deployment,
  { container: name }: KubernetesChoice,
): Container | undefined {
  const { containers } = spec.template.spec
  if (name === undefined) return containers.length === 1 ? containers[0] : undefined
  return containers.find((candidate) => candidate.name === name)
}
