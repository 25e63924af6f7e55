import { type Loader, type LoggerInterface, parse, View } from 'vega'
import { expressionInterpreter } from 'vega-interpreter'
import { compile, type TopLevelSpec } from 'vega-lite'
import { chartConfig } from './theme.js'

/**
 * A Vega-Lite specification, made by a builder under `charts/`. `usermeta.right` is where the picture ends, in pixels from
 * the left edge of its plot area.
 */
export type Spec = Readonly<Record<string, unknown>>

/** The chart cannot be trusted: Vega or Vega-Lite warned about its specification or its data. */
export class ChartError extends Error {
  override readonly name = 'ChartError'
}

/**
 * Vega draws a chart that looks plausible even where it warns (a zero on a log scale puts every mark at one height), so a
 * warning fails the chart. It is thrown after the drawing: a logger that throws would break Vega's own promises.
 */
function collector(warnings: unknown[]): LoggerInterface {
  const collect = (...messages: readonly unknown[]): LoggerInterface => {
    warnings.push(messages.map(String).join(' '))
    return logger
  }
  const silent = (): LoggerInterface => logger
  const logger = {
    level: silent,
    error: collect,
    warn: collect,
    info: silent,
    debug: silent,
  } as LoggerInterface
  return logger
}

const refuse = (): Promise<never> => Promise.reject(new ChartError('a chart may not load anything'))
const closedLoader: Loader = {
  load: refuse,
  sanitize: refuse,
  http: refuse,
  file: refuse,
} as unknown as Loader

/** Draws a chart as SVG markup. No canvas, no eval, no network; the same specification gives the same bytes. */
export async function renderSvg(spec: Spec, fontSize = 12): Promise<string> {
  const warnings: unknown[] = []
  const logger = collector(warnings)
  const compiled = compile(spec as unknown as TopLevelSpec, { logger, config: chartConfig(fontSize) })
  const runtime = parse(compiled.spec, undefined, { ast: true })
  const view = new View(runtime, {
    renderer: 'none',
    logger,
    loader: closedLoader,
    expr: expressionInterpreter,
  })
  try {
    const svg = await view.toSVG()
    // Ids are counted over all charts of a process: they would differ from run to run, and clash within a page.
    if (/<[^>]* id="/.test(svg))
      warnings.push('the chart needs clip paths or gradients, whose ids are not stable')
    if (warnings.length > 0) throw new ChartError(warnings.join('; '))
    return fitted(compact(svg), spec)
  } finally {
    view.finalize()
  }
}

const TAG = /<[a-z]+(?:\s+[\w:-]+="[^"]*")*\s*\/?>/g
const NOISE =
  / (?:role|aria-roledescription|pointer-events|class|xmlns:xlink|version|stroke-miterlimit)="[^"]*"/g

/** Drops what no reader uses and rounds coordinates to a hundredth of a pixel: half the bytes, the same picture. */
const compact = (svg: string): string =>
  svg.replace(TAG, (tag) =>
    tag
      .replace(NOISE, '')
      // Letters with a rim: the rim goes behind the fill.
      .replace(/^<text(?=[^>]* stroke=)/, '<text paint-order="stroke"')
      .replace(/ (?:d|transform|x[12]?|y[12]?)="[^"]*"/g, (attribute) =>
        attribute.replace(/-?\d+\.\d{3,}/g, (n) => String(Math.round(Number(n) * 100) / 100)),
      ),
  )

/**
 * Without a canvas Vega guesses the width of letters half as wide again as they are, and leaves that much room at the right.
 * The builders know how wide the picture is.
 */
function fitted(svg: string, spec: Spec): string {
  const { right } = (spec.usermeta ?? {}) as { readonly right?: number }
  const left = /<g[^>]*transform="translate\(([\d.]+),/.exec(svg)?.[1]
  if (right === undefined || left === undefined) return svg
  const width = Math.ceil(Number(left) + right + 2)
  return svg.replace(
    /^<svg([^>]*?) width="[^"]*"([^>]*?) viewBox="0 0 [\d.]+ ([\d.]+)"/,
    `<svg$1 width="${width}"$2 viewBox="0 0 ${width} $3"`,
  )
}
