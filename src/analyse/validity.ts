import type { Validity, ValidityFinding } from './findings.js'
import { chunkRules } from './validity-chunks.js'
import { instrumentRules } from './validity-instrument.js'
import { loadRules } from './validity-load.js'
import { machineRules } from './validity-machine.js'
import type { Evidence, Rule } from './validity-rule.js'
import { sampleRules } from './validity-sample.js'
import { targetRules } from './validity-target.js'
import { tokenRules } from './validity-tokens.js'

/** Findings of one weight are told in this order. */
export const RULES: readonly Rule[] = [
  ...sampleRules,
  ...instrumentRules,
  ...machineRules,
  ...targetRules,
  ...loadRules,
  ...tokenRules,
  ...chunkRules,
]

const WEIGHTS: readonly ValidityFinding['severity'][] = ['invalid', 'caveat', 'note']

/** The gravest findings come first. */
export function judgeValidity(evidence: Evidence): Validity {
  const findings = RULES.flatMap(({ code, advice, judge }) => {
    const judgement = judge(evidence)
    return judgement === null ? [] : [{ code, ...judgement, advice }]
  })
  const weight = ({ severity }: ValidityFinding): number => WEIGHTS.indexOf(severity)
  return validityOf(findings.toSorted((a, b) => weight(a) - weight(b)))
}

/** Verdict of a list: as bad as the worst in it. Notes say how to read figures, and hold nothing against them. */
export function validityOf(findings: readonly ValidityFinding[]): Validity {
  const has = (severity: ValidityFinding['severity']) => findings.some((f) => f.severity === severity)
  const verdict = has('invalid') ? 'INVALID' : has('caveat') ? 'VALID WITH CAVEATS' : 'VALID'
  return { verdict, findings }
}
