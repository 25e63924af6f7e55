import { falloffChart } from './charts/falloff.js'
import { escapeHtml } from './html.js'
import type { ReportResult } from './input.js'
import { renderSvg } from './render-svg.js'
import { LIGHT, withValues } from './theme.js'
import { visible } from './visible.js'

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
const MARGIN = 20

/** The five falloff panels as an SVG file of their own: fixed light colours on a white ground, for a README or a slide. */
export async function falloffPanelsSvg(result: ReportResult): Promise<string> {
  const clean = visible(result)
  const drawn = withValues(await renderSvg(falloffChart([clean], false)), LIGHT).replaceAll(
    'font-family="sans-serif"',
    `font-family="${FONT}"`,
  )
  const [, width = '900', height = '800'] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(drawn) ?? []
  const [w, h] = [Number(width) + 2 * MARGIN, Number(height) + 2 * MARGIN]
  const title = escapeHtml(`Falloff of ${clean.name}`)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" role="img">`,
    `<title>${title}</title><rect width="100%" height="100%" rx="8" fill="${LIGHT.paper}"/>`,
    `<g transform="translate(${MARGIN},${MARGIN})">${drawn.replace(/^<svg[^>]*>/, '').replace(/<\/svg>\s*$/, '')}</g></svg>\n`,
  ].join('')
}
