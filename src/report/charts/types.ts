import type { Limit } from './annotations.js'
import type { Scale } from './scale.js'

export interface Row {
  readonly x: number
  /** Null: not observed; the line has a gap there. */
  readonly y: number | null
  readonly low?: number | null
  readonly high?: number | null
  /** Too few requests bound the value: drawn hollow. */
  readonly open?: boolean
  /** What a reader hears or sees in the tooltip. */
  readonly say: string
}

export interface Line {
  /** Written at the line's end. */
  readonly label: string
  readonly colour: string
  readonly dash: readonly number[]
  readonly shape: string
  readonly rows: readonly Row[]
  /** `step` holds its value until the next row; `dots` draws no connecting line. */
  readonly draw?: 'line' | 'step' | 'dots'
  /** Points with tooltips; off for dense courses. */
  readonly points?: boolean
  readonly thin?: boolean
  /** One run among several: light, behind what they come to together. */
  readonly faint?: boolean
}

export interface Text {
  readonly x: number
  readonly y: number
  readonly label: string
  readonly colour: string
}

export interface Panel {
  readonly title: string
  readonly subtitle: string
  readonly y: Scale
  readonly lines: readonly Line[]
  readonly height: number
  /** A limit that the reader set, drawn across. */
  readonly limit?: Limit | null
  /** One point singled out by name. */
  readonly flag?: { readonly x: number; readonly y: number; readonly label: string } | null
  /** Words beside points. */
  readonly texts?: readonly Text[]
  /** Why there is nothing to draw. */
  readonly missing?: string | null
}
