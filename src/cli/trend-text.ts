import { figureOf } from '../analyse/index.js'
import type { TrendFindings, TrendSeries } from '../decide/index.js'

/** A trend for a terminal: a paragraph for each series. Ends with a line feed. */
export function trendText(trend: TrendFindings, words: typeof import('../report/index.js')): string {
  const lines = [words.trendSentence(trend)]
  for (const series of trend.series) {
    lines.push('', words.seriesTitle(series), ...courseOf(series), series.newest.text)
    for (const change of series.changes) lines.push(`change point: ${words.changeSentence(series, change)}`)
    for (const { at, text, restarts } of series.marks) {
      const run = series.points[at]
      lines.push(
        `at ${run?.label ?? run?.run ?? at}: ${text}${restarts ? '; from here on held against like runs alone' : ''}`,
      )
    }
  }
  if (trend.absent.length > 0) lines.push('', `Held by no run: ${trend.absent.join(', ')}.`)
  for (const { line, why } of trend.unread) lines.push(`${trend.file}:${line} ${why}, and was left out.`)
  return `${lines.join('\n')}\n`
}

const BARS = '▁▂▃▄▅▆▇█'
/** As many of the newest as a line holds. */
const MOST_BARS = 60

/** One bar for each run, from the least to the largest value of the series. */
function courseOf({ key, points }: TrendSeries): readonly string[] {
  const shown = points.slice(-MOST_BARS)
  const values = shown.map(({ value }) => value).filter((value) => value !== 'endless')
  if (values.length === 0) return []
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const bar = (value: number | 'endless'): string => {
    if (value === 'endless') return '!'
    const share = most === least ? 0.5 : (value - least) / (most - least)
    return BARS[Math.round(share * (BARS.length - 1))] ?? ''
  }
  const format = figureOf(key)?.format ?? String
  return [`${shown.map(({ value }) => bar(value)).join('')}  ${format(least)} … ${format(most)}`]
}
