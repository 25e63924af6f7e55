import { formatNumber } from '../base/index.js'
import type { Validity, ValidityFinding } from './findings.js'
import { loadRules } from './validity-load.js'
import { type Evidence, percent, type Rule } from './validity-rule.js'

const ms = (v: number): string => `${formatNumber(v)} ms`

/** A measure of our own error, beyond which latency is ours and not the target's. */
function ownError(
  code: string,
  seen: number | null,
  allowed: number,
  fatal: number,
  what: string,
  advice: string,
): ValidityFinding | null {
  if (seen === null || seen <= allowed) return null
  const severity = seen > fatal ? 'invalid' : 'caveat'
  return { code, severity, message: `${what}: ${ms(seen)} at p99, ${ms(allowed)} allowed`, advice }
}

/** Lateness of our own sends: p99 above 2 ms and 1 % of the median TTFT; invalid beyond half of it. */
export function generatorLate({ point }: Pick<Evidence, 'point'>): ValidityFinding | null {
  const ttft = point.metrics.ttft.p50?.value ?? 0
  const allowed = Math.max(2, ttft / 100)
  const advice = 'Add workers, lower the load, or run falloff on a machine with free cores.'
  return ownError(
    'generator-late',
    point.instrument.latenessP99Ms,
    allowed,
    Math.max(20, ttft / 2),
    'our own sends were late',
    advice,
  )
}

/** Event-loop delay: what a stamp taken in the loop can be late by. Stamps of the kernel do not suffer from it. */
export function loopDelay({ point }: Pick<Evidence, 'point'>): ValidityFinding | null {
  if (point.instrument.stamps === 'kernel') return null
  const ttft = point.metrics.ttft.p50?.value ?? 0
  const gap = point.metrics.tpot.p50?.value ?? point.metrics.chunkGap.p50?.value
  const finest = gap === undefined ? ttft : Math.min(ttft, gap)
  const advice =
    'Add workers or cores; until then read gaps and TTFT as upper bounds, high by up to the delay.'
  const seen = point.instrument.loopDelayP99Ms
  return ownError(
    'loop-delay',
    seen,
    Math.max(5, finest / 20),
    Math.max(100, ttft / 2),
    'our event loop was held up',
    advice,
  )
}

/** The least number of values that bounds p99 with 95 % confidence on both sides. */
const LEAST_FOR_P99 = 368

const fewSamples: Rule = ({ point }) => {
  const { n } = point.metrics.ttft
  if (n >= LEAST_FOR_P99 || n === 0) return null
  return {
    code: 'few-samples',
    severity: 'caveat',
    message: `${n} completed requests in the window: the p99 is not bounded (${LEAST_FOR_P99} needed)`,
    advice: `Raise limits.requests, or read p50 and p90 only.`,
  }
}

const nothingCompleted: Rule = ({ point }) =>
  point.metrics.ttft.n > 0 || point.metrics.e2e.n > 0
    ? null
    : {
        code: 'nothing-completed',
        severity: 'invalid',
        message: `no request completed inside the window (${point.failures.map((f) => `${f.code} ${f.count}`).join(', ') || 'none was sent'})`,
        advice: 'See the errors; check URL, model and credentials with a single request.',
      }

const statesDoNotSum: Rule = ({ point, records, duplicates }) => {
  if (records === point.planned && duplicates === 0) return null
  const twice = duplicates > 0 ? `, ${duplicates} of them recorded twice` : ''
  return {
    code: 'records-incomplete',
    severity: 'invalid',
    message: `the plan holds ${point.planned} requests, ${records} have a record${twice}`,
    advice:
      'The run was killed or its files were damaged: what is there is shown, but shares and rates lack the rest. Run again.',
  }
}

const interrupted: Rule = ({ manifest }) => {
  const { stopReason } = manifest
  if (
    stopReason === undefined ||
    !['interrupted', 'target-lost', 'error-rate', 'killed'].includes(stopReason)
  )
    return null
  return {
    code: 'stopped-early',
    severity: 'caveat',
    message: `the run ended before its plan: ${stopReason}`,
    advice: 'Figures cover the part that ran.',
  }
}

const tokensUntrue: Rule = ({ point, manifest }) => {
  const { outputExactShare, inputErrorMean, clientOutputTokens, serverOutputTokens } = point.tokens
  const faults = [
    manifest.tokens.exactOutput && outputExactShare !== null && outputExactShare < 0.99
      ? `only ${percent(outputExactShare)} of the outputs had the length asked for`
      : '',
    inputErrorMean !== null && Math.abs(inputErrorMean) > 0.05
      ? `inputs were off by ${percent(inputErrorMean)} on average`
      : '',
    serverOutputTokens !== null &&
    Math.abs(serverOutputTokens - clientOutputTokens) > 0.05 * clientOutputTokens
      ? `we counted ${clientOutputTokens} output tokens, the engine ${serverOutputTokens}`
      : '',
    Object.keys(point.tokens.sources).includes('counted')
      ? 'the server gave no token counts: one token a chunk is assumed'
      : '',
  ].filter((f) => f !== '')
  if (faults.length === 0) return null
  const advice =
    'Set target.tokenizer, target.exactOutput or target.chunkUsage to what the target supports; other traffic also moves the engine’s counter.'
  return { code: 'tokens-untrue', severity: 'caveat', message: faults.join('; '), advice }
}

const coalesced: Rule = ({ point }) =>
  point.tokens.coalescedShare <= 0.05
    ? null
    : {
        code: 'chunks-coalesced',
        severity: 'caveat',
        message: `${percent(point.tokens.coalescedShare)} of the chunks shared a read with the one before, and so its stamp`,
        advice:
          'Gaps are too small for these and too large for the next; trust tpot over chunkGap, or add workers.',
      }

const RULES: readonly Rule[] = [
  statesDoNotSum,
  nothingCompleted,
  interrupted,
  generatorLate,
  loopDelay,
  fewSamples,
  tokensUntrue,
  coalesced,
  ...loadRules,
]

export const judgeValidity = (evidence: Evidence): Validity =>
  validityOf(RULES.map((rule) => rule(evidence)).filter((f) => f !== null))

/** Verdict of a list: as bad as the worst in it. */
export function validityOf(findings: readonly ValidityFinding[]): Validity {
  const invalid = findings.some((f) => f.severity === 'invalid')
  return { verdict: invalid ? 'INVALID' : findings.length > 0 ? 'VALID WITH CAVEATS' : 'VALID', findings }
}
