import type { ComparisonFindings, MetricComparison } from '../../analyse/index.js'
import { formatNumber } from '../../base/index.js'
import { boundsText, changeText, gatedOf, nameOf, VERDICT_WORDS } from './words.js'

/**
 * What the runs so far say of each gated figure, and about how long what is open would take, were scatter and mean to stay.
 * @param blockS what a block takes
 */
export function estimateText(
  { design, pairs, comparable, checks }: ComparisonFindings,
  blockS: number,
): string {
  const runs = Math.min(...design.runs)
  const head = `after ${runs} runs a side`
  if (!comparable) {
    const [worst] = checks
    return `${head}: no verdict so far. ${worst === undefined ? '' : `${worst.text} ${worst.advice}`}`.trim()
  }
  const lines = pairs.flatMap((pair) => {
    const gated = gatedOf(pair)
    const widest = Math.max(...gated.map((m) => nameOf(m).length))
    return gated.map((m) => {
      const side = pairs.length > 1 ? `${pair.b}: ` : ''
      return `  ${side}${nameOf(m).padEnd(widest)}  ${standing(m)}${openText(m, runs, blockS)}`
    })
  })
  return [head, ...lines].join('\n')
}

/** `+9.2 % (+7.1 … +11.3), worse` */
const standing = (m: MetricComparison): string =>
  m.effect === null ? 'cannot be told' : `${changeText(m)} (${boundsText(m)}), ${VERDICT_WORDS[m.verdict]}`

function openText({ verdict, runsNeeded }: MetricComparison, runs: number, blockS: number): string {
  if (verdict !== 'not-shown' || runsNeeded === null || runsNeeded <= runs) return ''
  const more = runsNeeded - runs
  return `; about ${formatNumber(more)} more ${more === 1 ? 'run' : 'runs'} a side, ${durationText(more * blockS)}`
}

const MINUTE_S = 60

const durationText = (seconds: number): string =>
  seconds < 1.5 * MINUTE_S
    ? `${formatNumber(Math.round(seconds))} s`
    : `${formatNumber(Math.round(seconds / MINUTE_S))} minutes`
