import type { StartPhase } from '../record/index.js'

/**
 * The whole start, from the command to ready, without gaps: before the first phase that the log tells the process came up,
 * and after the last one the engine made ready to serve. What the log tells beyond `readyS` is cut off.
 *
 *     command ──process──▶ first mark ──import──▶ … ──▶ last mark ──serving──▶ ready
 */
export function wholeStart(told: readonly StartPhase[], readyS: number): readonly StartPhase[] {
  const first = told[0]?.fromS ?? readyS
  const last = told.at(-1)?.toS ?? readyS
  const all: readonly StartPhase[] = [
    { name: 'process', fromS: 0, toS: first },
    ...told,
    { name: 'serving', fromS: last, toS: readyS },
  ]
  return all
    .map((phase) => ({ ...phase, fromS: Math.min(phase.fromS, readyS), toS: Math.min(phase.toS, readyS) }))
    .filter(({ fromS, toS }) => toS > fromS)
}
