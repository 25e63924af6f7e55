import { nearest, UsageError } from '../base/index.js'
import type { Chart } from './html.js'
import { rasterise } from './rasterise.js'
import { chartSvg } from './svg-file.js'
import { DARK, LIGHT } from './theme.js'

type ChartFormat = 'svg' | 'png' | 'csv'

interface ChartFileOptions {
  /** Its id, or `all`. */
  readonly chart: string
  readonly format: ChartFormat
  readonly theme: 'light' | 'dark'
  /** Pixels of the whole picture; its own where null. */
  readonly width: number | null
}

interface ChartFile {
  /** Without a folder. */
  readonly name: string
  readonly content: string | Uint8Array
}

/**
 * Charts as files of their own, each with fixed colours on its own ground; of `csv` the figures behind them, a file a table.
 * @throws UsageError when no chart has that name
 * @throws FalloffError when nothing here can draw PNG
 */
export async function chartFiles(
  charts: readonly Chart[],
  options: ChartFileOptions,
): Promise<readonly ChartFile[]> {
  const chosen = options.chart === 'all' ? charts : charts.filter(({ id }) => id === options.chart)
  if (chosen.length === 0) throw unknownChart(charts, options.chart)
  const files: ChartFile[] = []
  for (const chart of chosen) files.push(...(await filesOf(chart, options)))
  return files
}

function unknownChart(charts: readonly Chart[], name: string): UsageError {
  const names = charts.map(({ id }) => id)
  const guess = nearest(name, names)
  const hint = guess === undefined ? '' : `did you mean "${guess}"? `
  const message = `is no chart of this result; ${hint}it has ${names.join(', ')}`
  return new UsageError([{ place: `--chart ${name}`, message }])
}

async function filesOf(chart: Chart, options: ChartFileOptions): Promise<readonly ChartFile[]> {
  if (options.format === 'csv')
    return chart
      .csv()
      .map((content, i) => ({ name: `${chart.id}${i === 0 ? '' : `-${i + 1}`}.csv`, content }))
  const svg = await chartSvg(chart, options.theme === 'dark' ? DARK : LIGHT, options.width)
  const content = options.format === 'svg' ? svg : await rasterise(svg)
  return [{ name: `${chart.id}.${options.format}`, content }]
}
