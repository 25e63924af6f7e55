import type { Place } from '../contract.js'
import { dockerPlace } from './docker/index.js'
import { kubernetesPlace } from './kubernetes/index.js'
import { localPlace } from './local/index.js'
import { sshPlace } from './ssh/index.js'

/** One folder each. */
const PLACES: readonly Place[] = [localPlace, dockerPlace, sshPlace, kubernetesPlace]

/** @throws when there is no such folder; the profile's schema lets no such name through. */
export function placeOf(name: Place['kind']): Place {
  const place = PLACES.find((candidate) => candidate.kind === name)
  if (!place) throw new Error(`no place of kind ${name}`)
  return place
}
