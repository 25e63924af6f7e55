import type { Timeline } from '../../analyse/index.js'
import { canaryChart } from '../charts/canary.js'
import { figure } from '../figure.js'
import { ms, num, plural } from '../format.js'
import type { Html } from '../html.js'
import type { ReportResult } from '../input.js'
import { fig, figures, type Table, text } from '../table.js'

/** The course of the canary's error, for the points whose course is drawn at all. */
export async function canaryFigures(results: readonly ReportResult[]): Promise<readonly Html[]> {
  const figuresOf: Html[] = []
  for (const [i, result] of results.entries()) {
    const label = result.findings.falloff?.kneePoint
    const timeline = result.timelines.find((t) => t.label === label) ?? result.timelines[0]
    if (!timeline || timeline.canary.length === 0) continue
    figuresOf.push(
      await figure({
        id: `canary-${i + 1}`,
        title: `${results.length > 1 ? `${result.name}: e` : 'E'}rror of our own stamps over time`,
        summary: canarySummary(timeline),
        spec: (narrow) => canaryChart(timeline, narrow),
        data: canaryTable(timeline),
      }),
    )
  }
  return figuresOf
}

function canarySummary({ canary }: Timeline): string {
  const worst = canary.reduce((a, b) => (b.maxMs > a.maxMs ? b : a))
  const p99 = canary.map((bin) => bin.p99Ms).toSorted((a, b) => a - b)
  return `In the middle one of ${plural(canary.length, 'reading')}, 99 of 100 canary stamps were within ${ms(p99[Math.floor(p99.length / 2)])} of the truth; the farthest from it was off by ${ms(worst.maxMs)}, at ${num(worst.atS)} s.`
}

const canaryTable = ({ canary }: Timeline): Table => ({
  caption: 'Size of the error of canary stamps, by bin of time',
  columns: [text('second'), ...figures('p50', 'p99', 'max')],
  rows: canary.map((bin) => [
    { show: num(bin.atS), raw: bin.atS },
    fig(bin.p50Ms, ms),
    fig(bin.p99Ms, ms),
    fig(bin.maxMs, ms),
  ]),
})
