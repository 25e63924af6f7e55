import { figureOf } from '../../analyse/index.js'
import type { TrendChange, TrendFindings, TrendSeries } from '../../decide/index.js'
import type { FigureValue } from '../../record/index.js'
import { ABSENT, plural, signedPercent, utc } from '../format.js'

/** `Time to first token p99 of chat, mistral-7b on vllm, at concurrency=8` */
export function seriesTitle({ label, name, model, engine, at }: TrendSeries): string {
  const on = engine === null ? '' : ` on ${engine}`
  const point = at === 'run' || at === 'sweep' ? '' : `, at ${at}`
  return `${label} of ${name}, ${model}${on}${point}`
}

export const show = ({ key }: Pick<TrendSeries, 'key'>, value: FigureValue | null): string => {
  if (value === null) return ABSENT
  return value === 'endless' ? 'endless' : (figureOf(key)?.format(value) ?? String(value))
}

/** The answer to whether anything has become worse. */
export function trendSentence({ series, worse }: TrendFindings): string {
  if (series.length === 0) return 'The history holds none of these figures.'
  const judged = series.filter(({ newest }) => newest.stands !== 'unbounded').length
  if (judged === 0)
    return 'Nothing can be said of the newest values yet: there are too few like runs before them.'
  const of = `${judged === 1 ? 'the one figure' : `${judged} figures`} that can be judged`
  if (worse > 0)
    return `Worse than its past: the newest value of ${worse} of ${of} ${worse === 1 ? 'is' : 'are'} beyond the boundary on the bad side.`
  return `No worse than its past: of ${of}, no newest value is beyond its boundary on the bad side.`
}

/** `From 2026-11-20 05:13 UTC on (a1b2c3) 12.4 % worse: 412 ms → 463 ms.` */
export function changeSentence(series: TrendSeries, change: TrendChange): string {
  const point = series.points[change.at]
  const label = point?.label ? ` (${point.label})` : ''
  return `From ${utc(point?.startedAtUtc)} on${label}: ${show(series, change.before)} → ${show(series, change.after)}, ${changeText(series, change)}.`
}

/** `+12 %, worse`; of a share in points. */
export function changeText({ scale }: TrendSeries, { before, after, direction }: TrendChange): string {
  const share = scale === 'ratio' ? after / before - 1 : after - before
  const size = signedPercent(share)
  return `${scale === 'ratio' ? size : size.replace('%', 'points')}${direction === 'moved' ? '' : `, ${direction}`}`
}

export const countRuns = ({ points }: TrendSeries): string => plural(points.length, 'run')
