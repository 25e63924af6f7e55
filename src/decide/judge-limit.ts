import type { FigureDeclaration } from '../analyse/index.js'
import type { FigureValue, RunFigures } from '../record/index.js'
import { declarationOf } from './figure.js'
import type { GateFinding, LimitGate, Mode, Outcome } from './gate.js'
import { type Measured, measured, pointsWith } from './measured.js'
import { missing, worst } from './places.js'
import { intervalText, valueText } from './words.js'

/**
 * Holds every point that the gate asks about against its limit; the worst one speaks.
 *
 * Strict: the bound of the interval on the far side must keep the limit. Where the estimate misses it, it is missed, as it is
 * when lenient; between the two nothing is shown. So what strict lets pass, lenient does too.
 */
export function judgeLimit(gate: LimitGate, runs: readonly RunFigures[], mode: Mode): GateFinding {
  const figure = declarationOf(gate.key)
  const points = pointsWith(runs, gate.key).filter((label) => gate.at === null || label === gate.at)
  if (figure === undefined || points.length === 0) return missing(gate, runs)
  const findings = points.map((at) => findingOf(gate, figure, measured(runs, figure, at), runs, mode))
  return worst(findings, gate.comparison)
}

function findingOf(
  gate: LimitGate,
  figure: FigureDeclaration,
  found: Measured,
  runs: readonly RunFigures[],
  mode: Mode,
): GateFinding {
  const { value, low, high, interval, at } = found
  const outcome = found.runs < runs.length ? 'invalid' : outcomeOf(gate, found, mode)
  return {
    gate: gate.text,
    kind: 'limit',
    source: gate.source,
    key: gate.key,
    at,
    outcome,
    limit: gate.limit,
    value,
    low,
    high,
    interval,
    runs: found.runs,
    text: textOf(gate, figure, found, outcome, runs.length),
  }
}

/** What never comes keeps no upper limit, and every lower one would be kept by a figure without end. */
const asNumber = (value: FigureValue): number => (value === 'endless' ? Number.POSITIVE_INFINITY : value)

function keeps({ comparison, limit }: LimitGate, value: FigureValue | null): boolean {
  if (value === null) return false
  const number = asNumber(value)
  if (comparison === '<') return number < limit
  if (comparison === '<=') return number <= limit
  return comparison === '>' ? number > limit : number >= limit
}

const isUpper = ({ comparison }: LimitGate): boolean => comparison.startsWith('<')

function outcomeOf(gate: LimitGate, { value, low, high }: Measured, mode: Mode): Outcome {
  if (value === null) return 'invalid'
  if (!keeps(gate, value)) return 'fail'
  return mode === 'lenient' || keeps(gate, isUpper(gate) ? high : low) ? 'pass' : 'inconclusive'
}

function textOf(
  gate: LimitGate,
  figure: FigureDeclaration,
  found: Measured,
  outcome: Outcome,
  asked: number,
): string {
  const said = `${figure.label}${found.at === 'run' || found.at === 'sweep' ? '' : ` at ${found.at}`} is ${valueText(figure, found.value)}${intervalText(figure, found)}`
  const limit = figure.format(gate.limit)
  if (found.runs < asked) return `${figure.label} was measured in ${found.runs} of ${asked} runs only.`
  if (outcome === 'pass') return `${said}: it keeps ${gate.comparison} ${limit}.`
  if (outcome === 'inconclusive')
    return `${said}: the estimate keeps ${gate.comparison} ${limit}, ${unsure(found)}.`
  const far = isUpper(gate) ? found.low : found.high
  const shown = far !== null && !keeps(gate, far) && found.interval !== 'none'
  return `${said}: it misses ${gate.comparison} ${limit}${shown ? ' with its whole interval' : ''}.`
}

const unsure = ({ interval }: Measured): string =>
  interval === 'none'
    ? 'but there are too few requests or runs to bound it'
    : 'but its interval does not: more requests or runs would settle it'
