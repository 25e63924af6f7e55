import { FalloffError } from '../base/index.js'

/** What of the package is used; its own types are not there where it is not installed. */
interface Resvg {
  readonly Resvg: new (
    svg: string,
    options: { readonly font: { readonly loadSystemFonts: boolean; readonly defaultFontFamily: string } },
  ) => { render(): { asPng(): Uint8Array; readonly pixels: Uint8Array } }
}

const PACKAGE = '@resvg/resvg-js'

/** Letters of a picture that has nothing else: where no font is found, none of their pixels is set. */
const LETTERS =
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><text x="2" y="15" font-family="sans-serif" font-size="14" fill="#000">Ag</text></svg>'

/**
 * PNG of an SVG, at the size that its `width` and `height` tell.
 * @throws FalloffError when the optional package is not there, or this machine has no font
 */
export async function rasterise(svg: string): Promise<Uint8Array> {
  const { Resvg: Drawing } = await load()
  const options = { font: { loadSystemFonts: true, defaultFontFamily: 'DejaVu Sans' } }
  if (!new Drawing(LETTERS, options).render().pixels.some((channel) => channel > 0))
    throw new FalloffError(
      'NO_FONT',
      'PNG needs a font, and this machine has none: letters would be missing',
      {
        hint: 'Install one (on Debian: fonts-dejavu-core), or take --format svg.',
      },
    )
  return new Drawing(svg, options).render().asPng()
}

async function load(): Promise<Resvg> {
  try {
    return (await import(PACKAGE)) as Resvg
  } catch (thrown) {
    throw new FalloffError(
      'NO_RASTERISER',
      `PNG needs the optional package ${PACKAGE}, which is not installed`,
      {
        hint: `Install it beside falloff (npm install ${PACKAGE}), or take --format svg.`,
        cause: thrown,
      },
    )
  }
}
