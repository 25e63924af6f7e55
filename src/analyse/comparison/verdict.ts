import type { FigureDeclaration } from '../figures/index.js'
import type { Contrasted } from './contrast.js'
import type { Verdict } from './findings.js'
import { changeWords, intervalWords, isNoChange, marginWords, percent, plural, pWords } from './words.js'

export interface Judged {
  readonly verdict: Verdict
  readonly text: string
  readonly runsNeeded: number | null
}

export interface Criteria {
  readonly figure: FigureDeclaration
  readonly margin: number
  readonly level: number
  /** After Holm; null for an exploratory figure. */
  readonly pHolm: number | null
  /** How many figures are gated with it; 1 for an exploratory one. */
  readonly family: number
  /** Why a latency may not be called better: the failures of b rose; null where they did not. */
  readonly shedding: string | null
}

/**
 * Better or worse: the interval leaves out no change, and the estimate lies beyond the margin. Equivalent: the interval lies
 * within the margin. Of the gated figures a difference must hold after Holm as well.
 */
export function judge(contrast: Contrasted, criteria: Criteria): Judged {
  const { figure, pHolm, shedding } = criteria
  const direction = directionOf(contrast, criteria)
  if (direction === 'equivalent') return settled('equivalent', contrast, criteria)
  if (direction === null) return unsettled(contrast, criteria)
  if (figure.better === 'neither')
    return {
      ...settled('not-shown', contrast, criteria),
      text: `${saidOf(contrast, criteria)}; neither way is better.`,
    }
  if (pHolm !== null && pHolm > criteria.level) return amongSeveral(contrast, criteria, pHolm)
  const verdict = (direction === 'up') === (figure.better === 'higher') ? 'better' : 'worse'
  if (verdict === 'better' && shedding !== null && isLatency(figure))
    return {
      ...settled('not-shown', contrast, criteria),
      text: `${saidOf(contrast, criteria)}, but ${shedding}`,
    }
  return settled(verdict, contrast, criteria)
}

/** What a request that did not complete can no longer spoil. */
const isLatency = ({ unit, key }: FigureDeclaration): boolean =>
  unit === 'ms' || key.startsWith('perStreamTokensPerS')

type Direction = 'up' | 'down' | 'equivalent' | null

function directionOf(contrast: Contrasted, { figure, margin, level }: Criteria): Direction {
  const { effect, ranksAbove, p } = contrast
  if (contrast.method === 'ranks')
    return p !== null && p <= level && ranksAbove !== null ? (ranksAbove ? 'up' : 'down') : null
  if (effect === null || effect.low === null || effect.high === null) return null
  const [floor, none, ceiling] = bandOf(margin, figure.scale)
  if (effect.low > none && effect.value > ceiling) return 'up'
  if (effect.high < none && effect.value < floor) return 'down'
  return effect.low > floor && effect.high < ceiling ? 'equivalent' : null
}

/** The margin below, no change, and the margin above, on the scale of the effect. */
const bandOf = (margin: number, scale: FigureDeclaration['scale']): readonly [number, number, number] =>
  scale === 'ratio' ? [1 / (1 + margin), 1, 1 + margin] : [-margin, 0, margin]

/** `8.3 % lower (95 % interval: …)`, or what the ranks say. */
function saidOf({ method, effect, p, ranksAbove }: Contrasted, { figure, level }: Criteria): string {
  if (method === 'ranks') {
    const order =
      ranksAbove === null ? 'ranks like the other side' : ranksAbove ? 'ranks higher' : 'ranks lower'
    const why =
      effect === null
        ? 'in some runs it falls among requests that did not complete'
        : `${changeWords(effect.value, figure.scale)} in runs that do not differ among themselves`
    return `${order} (${why}; by ranks, ${pWords(p ?? 1)})`
  }
  if (effect === null) return 'not measured on both sides'
  if (isNoChange(effect, figure.scale)) return 'the same in every run'
  return `${changeWords(effect.value, figure.scale)}${intervalWords(effect, figure.scale, level)}`
}

function settled(verdict: Verdict, contrast: Contrasted, criteria: Criteria): Judged {
  const { figure, margin } = criteria
  const within = `within the margin of ${marginWords(margin, figure.scale)}`
  const how =
    verdict === 'equivalent'
      ? `: ${within}`
      : contrast.method === 'ranks'
        ? ''
        : `, beyond the margin of ${marginWords(margin, figure.scale)}`
  return { verdict, text: `${saidOf(contrast, criteria)}${how}.`, runsNeeded: null }
}

function amongSeveral(contrast: Contrasted, criteria: Criteria, pHolm: number): Judged {
  const said = saidOf(contrast, criteria)
  return {
    verdict: 'not-shown',
    text: `${said}: it would count alone, but not as one of several (${pWords(pHolm)} after Holm).${neededWords(contrast, criteria)}`,
    runsNeeded: contrast.toSettle(criteria.margin, criteria.family),
  }
}

function unsettled(contrast: Contrasted, criteria: Criteria): Judged {
  const { figure, margin } = criteria
  const said = saidOf(contrast, criteria)
  if (contrast.method === 'none') {
    const why = contrast.effect === null ? '' : '; a single run a side does not show how much runs differ'
    return { verdict: 'not-shown', text: `${said}${why}.`, runsNeeded: null }
  }
  if (contrast.method === 'ranks')
    return { verdict: 'not-shown', text: `${said}${leastWords(contrast, criteria)}.`, runsNeeded: null }
  return {
    verdict: 'not-shown',
    text: `${said}: neither a difference nor equivalence within ${marginWords(margin, figure.scale)} is shown.${neededWords(contrast, criteria)}`,
    runsNeeded: contrast.toSettle(criteria.margin, criteria.family),
  }
}

function leastWords({ permutation }: Contrasted, { level }: Criteria): string {
  if (permutation === null || permutation.least <= level) return ''
  return `; so few runs cannot show it by ranks: the smallest p is ${percent(permutation.least)}`
}

function neededWords(contrast: Contrasted, criteria: Criteria): string {
  const runs = contrast.toSettle(criteria.margin, criteria.family)
  return runs === null ? '' : ` About ${plural(runs, 'run')} a side would settle it.`
}
