import type { PointFindings } from '../../analyse/index.js'
import { atDimension } from '../format.js'
import type { ReportResult } from '../input.js'
import type { Cell } from '../table.js'

/** `32 requests in flight`, or `run`. */
export const pointName = (point: PointFindings): string => {
  const axes = Object.entries(point.setting.axes)
  return axes.length === 0 ? point.setting.label : axes.map(([d, v]) => atDimension(d, v)).join(', ')
}

/** A table row per point, named by result (where there are several) and setting. */
export const rowsOf = (
  results: readonly ReportResult[],
  cells: (point: PointFindings) => readonly Cell[],
): readonly (readonly (Cell | string)[])[] =>
  results.flatMap((result) =>
    result.findings.points.map((point) => [
      `${results.length > 1 ? `${result.name}: ` : ''}${pointName(point)}`,
      ...cells(point),
    ]),
  )
