import type { Figure, FigureTable, FigureValue } from '../../record/index.js'
import type { Gathered } from '../gather.js'

/** Of all completed requests whose text was counted, warm-up included: few are. Null where there is none. */
export function charsPerTokenOf(g: Gathered): number | null {
  let [chars, tokens] = [0, 0]
  for (let row = 0; row < g.rows; row++) {
    const [own, output] = [g.columns.outputChars.at(row), g.columns.output.at(row)]
    if (g.state(row) !== 'completed' || !(own > 0) || !(output > 0)) continue
    chars += own
    tokens += output
  }
  return tokens === 0 ? null : chars / tokens
}

/** Figures per token in characters: what two models can be compared by whose tokens are not the same. */
export function characterFigures(table: FigureTable, charsPerToken: number): FigureTable {
  const { outputTokensPerS, 'tpot.p50': tpot } = table
  return {
    ...(outputTokensPerS !== undefined && { outputCharsPerS: scaled(outputTokensPerS, charsPerToken) }),
    ...(tpot !== undefined && { 'charTime.p50': scaled(tpot, 1 / charsPerToken) }),
  }
}

function scaled({ value, low, high }: Figure, by: number): Figure {
  const times = (v: FigureValue): FigureValue => (v === 'endless' ? v : v * by)
  return {
    value: times(value),
    low: low === null ? null : times(low),
    high: high === null ? null : times(high),
  }
}
