import { falloffChart } from './charts/falloff.js'
import { escapeHtml } from './html.js'
import type { ReportResult } from './input.js'
import { renderSvg, type Spec } from './render-svg.js'
import { LIGHT, type Palette, withValues } from './theme.js'
import { visible } from './visible.js'

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
const MARGIN = 20
const HEADING = 30

interface SvgFile {
  readonly title: string
  readonly palette: Palette
  /** Whether the title stands above the picture too. */
  readonly heading: boolean
  /** Pixels of the whole file; the picture's own and its margins where null. */
  readonly width: number | null
  /** Of the ground's corners, in pixels. */
  readonly radius: number
}

/** The five falloff panels as an SVG file of their own: fixed light colours on a white ground, for a README or a slide. */
export async function falloffPanelsSvg(result: ReportResult): Promise<string> {
  const clean = visible(result)
  const file = { title: `Falloff of ${clean.name}`, palette: LIGHT, heading: false, width: null, radius: 8 }
  return svgFile(await renderSvg(falloffChart([clean], false)), file)
}

/** Up to here the narrow picture is drawn: letters of the wide one would be too small. */
const NARROW_TO = 560

/** A chart as a file of its own, its title above it, in one theme's colours on that theme's ground. */
export async function chartSvg(
  { title, spec }: { readonly title: string; readonly spec: (narrow: boolean) => Spec },
  palette: Palette,
  width: number | null,
): Promise<string> {
  const isNarrow = width !== null && width <= NARROW_TO
  const drawn = await renderSvg(spec(isNarrow), isNarrow ? 11 : 12)
  return svgFile(drawn, { title, palette, heading: true, width, radius: 0 })
}

function svgFile(drawn: string, { title, palette, heading, width, radius }: SvgFile): string {
  const inner = withValues(drawn, palette).replaceAll('font-family="sans-serif"', `font-family="${FONT}"`)
  const [, own = '900', tall = '800'] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(inner) ?? []
  const above = heading ? HEADING : 0
  const [w, h] = [Number(own) + 2 * MARGIN, Number(tall) + 2 * MARGIN + above]
  const scale = (width ?? w) / w
  const words = escapeHtml(title)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.round(w * scale)}" height="${Math.round(h * scale)}" viewBox="0 0 ${w} ${h}" role="img">`,
    `<title>${words}</title><rect width="100%" height="100%"${radius > 0 ? ` rx="${radius}"` : ''} fill="${palette.paper}"/>`,
    heading
      ? `<text x="${MARGIN}" y="${MARGIN + 14}" font-family="${FONT}" font-size="15" font-weight="600" fill="${palette.ink}">${words}</text>`
      : '',
    `<g transform="translate(${MARGIN},${MARGIN + above})">${inner.replace(/^<svg[^>]*>/, '').replace(/<\/svg>\s*$/, '')}</g></svg>\n`,
  ].join('')
}
