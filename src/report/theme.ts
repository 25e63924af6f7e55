/**
 * One palette for page and charts. Charts carry the names (`var(--c1)`), the page gives them values: the same SVG serves
 * light, dark and print. The hues follow Okabe and Ito's colour-blind-safe set, darkened or lightened until text in them
 * reaches a contrast of 4.5 : 1 on the page; dash and shape say the same again.
 */
export const LIGHT = {
  paper: '#ffffff',
  panel: '#f6f7f9',
  ink: '#14181f',
  'ink-2': '#515b69',
  line: '#c9cfd8',
  grid: '#e8ebef',
  c1: '#0b5fb0',
  c2: '#b4440c',
  c3: '#00705a',
  c4: '#8b3d8f',
  c5: '#7d5b00',
  c6: '#4a5564',
  good: '#116b41',
  warn: '#8a5200',
  bad: '#b3261e',
  heat: '#0b5fb0',
} as const

export type Palette = Readonly<Record<keyof typeof LIGHT, string>>

export const DARK: Palette = {
  paper: '#11151b',
  panel: '#191f27',
  ink: '#e9edf2',
  'ink-2': '#a4afbd',
  line: '#3d4755',
  grid: '#262e38',
  c1: '#6db3f8',
  c2: '#ff9d6b',
  c3: '#52cfaa',
  c4: '#dba0e2',
  c5: '#e2bd5a',
  c6: '#aab4c1',
  good: '#5cca92',
  warn: '#e8b04a',
  bad: '#ff8a80',
  heat: '#4d9bea',
}

export const colour = (name: keyof Palette): string => `var(--${name})`

interface Look {
  readonly colour: string
  readonly dash: readonly number[]
  readonly shape: string
}

const LOOKS: readonly Look[] = [
  { colour: colour('c1'), dash: [], shape: 'circle' },
  { colour: colour('c2'), dash: [7, 3], shape: 'square' },
  { colour: colour('c3'), dash: [2, 3], shape: 'triangle-up' },
  { colour: colour('c4'), dash: [9, 3, 2, 3], shape: 'diamond' },
  { colour: colour('c5'), dash: [5, 2], shape: 'triangle-down' },
  { colour: colour('c6'), dash: [1, 2], shape: 'cross' },
]
const PLAIN: Look = { colour: colour('c1'), dash: [], shape: 'circle' }

/** Colour, dash and shape of the n-th line; all three repeat after the sixth. */
export const look = (slot: number): Look => LOOKS[slot % LOOKS.length] ?? PLAIN

/** Replaces the names by values, for an SVG that stands outside the page. */
export const withValues = (markup: string, palette: Palette): string =>
  markup.replace(/var\(--([a-z0-9-]+)\)/g, (whole, name: string) =>
    Object.hasOwn(palette, name) ? palette[name as keyof Palette] : whole,
  )

const declarations = (palette: Palette): string =>
  Object.entries(palette)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';')

export const lightVariables = declarations(LIGHT)
export const darkVariables = declarations(DARK)

/** Vega-Lite configuration that every chart shares. */
export const chartConfig = (fontSize: number): Record<string, unknown> => ({
  background: null,
  font: 'sans-serif',
  locale: {
    number: { decimal: '.', thousands: ',', grouping: [3], currency: ['$', ''] },
  },
  padding: 2,
  view: { stroke: null },
  text: { fontSize, fill: colour('ink') },
  title: {
    anchor: 'start',
    color: colour('ink'),
    fontSize: fontSize + 1,
    fontWeight: 600,
    subtitleColor: colour('ink-2'),
    subtitleFontSize: fontSize,
    offset: 8,
    subtitlePadding: 3,
  },
  axis: {
    labelColor: colour('ink-2'),
    titleColor: colour('ink-2'),
    labelFontSize: fontSize,
    titleFontSize: fontSize,
    titleFontWeight: 'normal',
    domainColor: colour('line'),
    tickColor: colour('line'),
    gridColor: colour('grid'),
    tickSize: 4,
    labelPadding: 4,
  },
})
