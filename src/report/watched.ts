import { OBSERVABLES, type TargetFacts } from '../record/index.js'

/**
 * What the engine let itself be asked, and what not and why: an empty panel then says which of the two it is. Empty for
 * engines that are not known.
 */
export function watchedRows({ watched }: TargetFacts): readonly (readonly [string, string])[] {
  if (!watched) return []
  const told: string[] = []
  const untold = new Map<string, string[]>()
  for (const name of OBSERVABLES) {
    const offer = watched.offers[name]
    if ('none' in offer) untold.set(offer.none, [...(untold.get(offer.none) ?? []), name])
    else told.push(offer.note === undefined ? name : `${name} (${offer.note})`)
  }
  const reasons = [...untold].map(([why, names]) => `${names.join(', ')} (${why})`)
  return [
    ['Engine tells', told.length === 0 ? 'nothing of these' : told.join('; ')] as const,
    ...(reasons.length === 0 ? [] : [['Not offered', reasons.join('; ')] as const]),
    ...watched.notes.map((note) => ['Note on its metrics', note] as const),
  ]
}
