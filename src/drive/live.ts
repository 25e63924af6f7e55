export const LIVE_METRICS = ['ttft', 'chunkGap', 'tpot', 'e2e', 'lateness'] as const
export type LiveMetric = (typeof LIVE_METRICS)[number]

/** Values in µs since the last batch. The main thread records them in HDR histograms. */
export interface LiveBatch {
  readonly values: Readonly<Record<LiveMetric, Uint32Array>>
  readonly outputTokens: number
}

/**
 * Collects raw values between two progress messages. They travel as plain arrays: encoding five histograms a second in
 * the worker would hold its loop for milliseconds, and that would be reported as the server's latency.
 */
export interface LiveMetrics {
  ttft(ns: number): void
  gap(ns: number): void
  tpot(ns: number): void
  e2e(ns: number): void
  lateness(ns: number): void
  chunk(tokens: number): void
  takeBatch(): LiveBatch
}

class Column {
  #values = new Uint32Array(1024)
  #length = 0
  push(ns: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Uint32Array(this.#length * 2)
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values[this.#length++] = ns / 1000
  }
  take(): Uint32Array {
    const taken = this.#values.slice(0, this.#length)
    this.#length = 0
    return taken
  }
}

export function createLiveMetrics(): LiveMetrics {
  const ttft = new Column()
  const chunkGap = new Column()
  const tpot = new Column()
  const e2e = new Column()
  const lateness = new Column()
  let outputTokens = 0
  return {
    ttft: (ns) => ttft.push(ns),
    gap: (ns) => chunkGap.push(ns),
    tpot: (ns) => tpot.push(ns),
    e2e: (ns) => e2e.push(ns),
    lateness: (ns) => lateness.push(Math.max(0, ns)),
    chunk: (tokens) => {
      outputTokens += tokens >= 0 ? tokens : 1
    },
    takeBatch() {
      const batch = {
        values: {
          ttft: ttft.take(),
          chunkGap: chunkGap.take(),
          tpot: tpot.take(),
          e2e: e2e.take(),
          lateness: lateness.take(),
        },
        outputTokens,
      }
      outputTokens = 0
      return batch
    },
  }
}
