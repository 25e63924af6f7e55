import type { HistoryLine } from '../history.js'
import type { TrendMark } from './findings.js'

/** Equal of runs that may be held against each other: the same load from a like machine at the same model and engine. */
export const likeKey = ({ workloadHash, place, target }: HistoryLine): string =>
  JSON.stringify([workloadHash, place?.fingerprint ?? null, target.model, target.engine])

/**
 * Where something changed from one run to the next. Another machine or another load makes runs unlike each other. Another version
 * does not: what it did to the figure is what a trend is looked at for.
 */
export function marksOf(lines: readonly HistoryLine[]): readonly TrendMark[] {
  return lines.flatMap((line, at) => {
    const before = lines[at - 1]
    if (before === undefined) return []
    const changed = [...unlike(before, line), ...versions(before, line)]
    if (changed.length === 0) return []
    return [{ at, text: changed.join('; '), restarts: likeKey(before) !== likeKey(line) }]
  })
}

function unlike(before: HistoryLine, line: HistoryLine): readonly string[] {
  const changed: string[] = []
  if (before.place?.fingerprint !== line.place?.fingerprint) {
    changed.push(`other machine: ${placeText(before)} → ${placeText(line)}`)
  }
  if (before.workloadHash !== line.workloadHash) changed.push('other load')
  return changed
}

const placeText = ({ place }: HistoryLine): string =>
  place === null ? 'not told' : `${place.cpuModel}, ${place.cpus} cores (${place.fingerprint})`

function versions(before: HistoryLine, line: HistoryLine): readonly string[] {
  const changed: string[] = []
  const say = (what: string, from: string | null, to: string | null): void => {
    if (from !== to) changed.push(`${what} ${from ?? '?'} → ${to ?? '?'}`)
  }
  say(line.target.engine ?? 'target', before.target.version, line.target.version)
  say(line.tool.name, before.tool.version, line.tool.version)
  return changed
}
