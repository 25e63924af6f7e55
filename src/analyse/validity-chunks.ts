import { isCanaryFine } from './validity-instrument.js'
import { type Evidence, type Judgement, percent, type Rule } from './validity-rule.js'

/** Share of the chunks that shared a read, told apart by whose doing it was. */
export const chunkRules: readonly Rule[] = [
  {
    code: 'chunks-bunched',
    advice: 'Gaps are too small for these and too large for the next. Add workers, or lower the load.',
    judge: ({ point, allow }) => {
      const seen = point.tokens.lateCoalescedShare
      if (seen <= allow.lateCoalescedShare) return null
      return {
        severity: 'caveat',
        message: `${percent(seen)} of the chunks may have come apart, and were bunched by our reading them late`,
        seen,
        allowed: allow.lateCoalescedShare,
        unit: 'share',
      }
    },
  },
  {
    code: 'chunks-coalesced',
    advice: 'Trust tpot over chunkGap: gaps are zero inside a bunch and too large before it.',
    judge: coalesced,
  },
]

/** What the server sends together is its own way of streaming, as long as we know that it was not us. */
function coalesced(evidence: Evidence): Judgement | null {
  const { point, allow } = evidence
  const seen = point.tokens.coalescedShare - point.tokens.lateCoalescedShare
  if (seen <= allow.coalescedShare) return null
  const proven = isCanaryFine(evidence)
  const whose = proven
    ? 'the server sent them together'
    : 'whether by the server’s doing or by ours was not measured'
  return {
    severity: proven ? 'note' : 'caveat',
    message: `${percent(seen)} of the chunks shared a read with the one before, and so its stamp: ${whose}`,
    seen,
    allowed: allow.coalescedShare,
    unit: 'share',
  }
}
