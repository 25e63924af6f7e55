import { type Loader, type LoggerInterface, parse, View } from 'vega'
import { expressionInterpreter } from 'vega-interpreter'
import { compile, type TopLevelSpec } from 'vega-lite'
import { chartConfig } from './theme.js'

/** A Vega-Lite specification, made by a builder under `charts/`. */
export type Spec = Readonly<Record<string, unknown>>

/** The chart cannot be trusted: Vega or Vega-Lite warned about its specification or its data. */
export class ChartError extends Error {
  override readonly name = 'ChartError'
}

/**
 * Vega draws a chart that looks plausible even where it warns (a zero on a log scale puts every mark at one height), so a
 * warning is an error here.
 */
const strictLogger: LoggerInterface = {
  level: () => strictLogger,
  error: fail,
  warn: fail,
  info: () => strictLogger,
  debug: () => strictLogger,
} as LoggerInterface

function fail(...messages: readonly unknown[]): LoggerInterface {
  throw new ChartError(messages.map(String).join(' '))
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
  const compiled = compile(spec as unknown as TopLevelSpec, {
    logger: strictLogger,
    config: chartConfig(fontSize),
  })
  const runtime = parse(compiled.spec, undefined, { ast: true })
  const view = new View(runtime, {
    renderer: 'none',
    logger: strictLogger,
    loader: closedLoader,
    expr: expressionInterpreter,
  })
  try {
    return compact(await view.toSVG())
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
