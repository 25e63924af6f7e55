/** Multiples of it fill the unit interval evenly. */
const GOLDEN = 0.6180339887

/**
 * Keeps streams open: where an answer ends, the next is asked for.
 * @param {import('./ask.mjs').Contender} contender
 * @param {{ streams: number, tokens: number, shape: import('./ask.mjs').Shape, spreadMs: number }} load spreadMs: over so long the first requests are sent
 */
export function holdOpen(contender, { streams, tokens, shape, spreadMs }) {
  const counts = { answers: 0, failed: 0, lastFailure: '' }
  let next = 0
  const keep = async (firstTokens, firstShape) => {
    for (let first = true; ; first = false) {
      try {
        await contender.answer(next++, first ? firstTokens : tokens, first ? firstShape : shape)
        counts.answers++
      } catch (thrown) {
        counts.failed++
        counts.lastFailure = String(thrown)
        return
      }
    }
  }
  for (let i = 0; i < streams; i++) {
    // First answers of all lengths: otherwise all would end together, again and again.
    const firstTokens = 1 + ((i * 7919) % tokens)
    // …and first tokens at all phases of a gap: timers count milliseconds, and streams in step would be read in bursts.
    const firstShape = { ...shape, ttftMs: shape.ttftMs + ((i * GOLDEN) % 1) * shape.gapMs }
    setTimeout(() => void keep(firstTokens, firstShape), (spreadMs * i) / streams)
  }
  return counts
}
