import type { Spec } from '../render-svg.js'
import { AXIS_ROOM, type Frame } from './frame.js'
import { panelSpec } from './panel.js'
import type { Scale } from './scale.js'
import type { Panel } from './types.js'

/** A panel over an x axis of its own, or over that of the frame. */
type Multiple = Panel & { readonly x?: Scale }

/** Small multiples: panels of one size in columns, to be read line by line; the lowest of each column shows the x axis. */
export function grid(panels: readonly Multiple[], columns: number, frame: Frame): Spec {
  const count = Math.max(1, Math.min(columns, panels.length))
  const between = AXIS_ROOM + frame.labelRoom
  const width = Math.floor((frame.width - (columns - 1) * between) / columns)
  const height = Math.max(1, ...panels.map((panel) => panel.height))
  const own = { ...frame, width }
  return {
    columns: count,
    spacing: { row: 2 * frame.fontSize + (panels.some(({ x }) => x) ? 52 : 14), column: between },
    bounds: 'flush',
    usermeta: { right: count * width + (count - 1) * between + frame.labelRoom },
    concat: panels.map((panel, i) =>
      panelSpec(
        { ...panel, height },
        { ...own, x: panel.x ?? frame.x },
        i < count,
        i + count >= panels.length || panel.x !== undefined,
      ),
    ),
  }
}
