import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { EXIT } from '../../base/index.js'
import { knownFigures } from '../known-figures.js'
import type { TrendArguments } from '../options/gates.js'
import { trendText } from '../trend-text.js'
import { version } from '../version.js'

const DEFAULT_METRICS = ['ttft.p50', 'ttft.p99', 'tpot.p50', 'outputTokensPerS']

export async function trendCommand({ file, metric, out, fail, format }: TrendArguments): Promise<void> {
  const keys = metric.length === 0 ? DEFAULT_METRICS : knownFigures('--metric', metric)
  const { readHistory, trendOf } = await import('../../decide/index.js')
  const trend = trendOf(file, readHistory(file), keys)
  const report = await import('../../report/index.js')
  const html = await report.renderTrend(trend, `falloff ${version()}`)
  mkdirSync(dirname(out), { recursive: true })
  writeFileSync(out, html)
  process.stdout.write(
    format === 'json' ? `${JSON.stringify(trend)}\n` : trendText(report.visible(trend), report),
  )
  process.stderr.write(`\nreport   ${out}\n`)
  process.exitCode = fail && trend.worse > 0 ? EXIT.regression : EXIT.done
}
