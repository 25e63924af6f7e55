/** Pieces that are done are forgotten in batches of so many. */
const MOST_DONE = 256
/** A slice of work may hold the event loop for so long before the sockets are looked at again. */
const SLICE_MS = 1

/**
 * Work that comes with a request and not with a token: building and sending it, writing its record. A thousand streams that
 * end together would bring tens of milliseconds of it at once, in which nothing is read and tokens pile up in the sockets.
 * So it is done one piece after another, in slices between which the loop looks at its sockets.
 */
export interface Chores {
  /** Does `work` soon, after all that was added before. */
  add(work: () => void): void
  /** Resolves when it is the caller's turn: what it does up to its next `await` counts as one piece. */
  turn(): Promise<void>
}

export function createChores(): Chores {
  let waiting: (() => void)[] = []
  let next = 0
  let running = false
  let sliceBeganMs = 0

  const begin = (): void => {
    sliceBeganMs = performance.now()
    step()
  }
  // Microtasks come in order: what a piece went on with after its promise is done before the next piece begins.
  const step = (): void => {
    const work = waiting[next++]
    // A worker at its limit is never done: what has been worked off must not pile up behind it.
    if (next >= MOST_DONE) forgetDone()
    work?.()
    if (next === waiting.length) {
      forgetDone()
      running = false
    } else if (performance.now() - sliceBeganMs < SLICE_MS) queueMicrotask(step)
    else setImmediate(begin)
  }
  const forgetDone = (): void => {
    waiting = waiting.slice(next)
    next = 0
  }
  const add = (work: () => void): void => {
    waiting.push(work)
    if (running) return
    running = true
    // Work that follows on work just done belongs to the same slice: a turn of the loop each would be slower by far.
    if (performance.now() - sliceBeganMs < SLICE_MS) queueMicrotask(step)
    else setImmediate(begin)
  }
  return { add, turn: () => new Promise((resolve) => add(resolve)) }
}
