import type { CauseRule } from '../../contract.js'

export const KUBERNETES_CAUSES: readonly CauseRule[] = [
  {
    cause: 'not-installed',
    pattern:
      /is waiting to start: (?:trying and failing to pull image|ImagePullBackOff|ErrImagePull|InvalidImageName)/,
    says: 'the cluster cannot fetch the container’s image',
    wayOut: 'Look at `kubectl describe pod` of it: the image’s name, or a pull secret, is wrong.',
  },
  {
    cause: 'bad-flag',
    pattern: /The Deployment "[^"]+" is invalid: (.+)/,
    says: 'the cluster does not take the change: $1',
    wayOut: 'Correct engine.settings, engine.args or engine.env.',
  },
]
