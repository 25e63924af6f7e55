import type { LaunchFacts, StartPhaseName } from '../record/index.js'
import type { LogReader } from './contract.js'

/** A line by which an engine tells that a phase of its start begins, and with it that the one before is over. */
export interface PhaseMark {
  readonly pattern: RegExp
  readonly begins: StartPhaseName
}

/** A line that tells something of the engine. What a later line tells goes over it. */
export interface FactRule {
  readonly pattern: RegExp
  tells(match: RegExpExecArray): LaunchFacts
}

/**
 * Reads a log by its lines alone: every line is held against every rule.
 *
 * @param marks of several that fit a line the first one counts; one whose phase is under way changes nothing
 * @param opening looked for until a first phase has begun
 */
export function createLogReader(
  marks: readonly PhaseMark[],
  rules: readonly FactRule[],
  opening?: PhaseMark,
): LogReader {
  const begun: { readonly name: StartPhaseName; readonly fromS: number }[] = []
  let facts: LaunchFacts = {}
  const markOf = (text: string): PhaseMark | undefined =>
    marks.find(({ pattern }) => pattern.test(text)) ??
    (opening !== undefined && begun.length === 0 && opening.pattern.test(text) ? opening : undefined)
  return {
    line(text, atS) {
      const mark = markOf(text)
      if (mark && begun.at(-1)?.name !== mark.begins) begun.push({ name: mark.begins, fromS: atS })
      for (const { pattern, tells } of rules) {
        const match = pattern.exec(text)
        if (match) facts = { ...facts, ...tells(match) }
      }
    },
    facts: () => facts,
    phases: () =>
      begun.slice(0, -1).map(({ name, fromS }, i) => ({
        name,
        fromS,
        toS: begun[i + 1]?.fromS ?? fromS,
        ...(name === 'weights' && facts.weightBytes !== undefined && { bytes: facts.weightBytes }),
      })),
  }
}

/** A number as engines print it, thousands apart: `123,456`. */
export const grouped = (text: string | undefined): number => Number((text ?? '').replaceAll(',', ''))

export const GIB = 1024 ** 3
