/** A Prometheus histogram: counts per upper bound, sum and count. Unit as of its bounds. */
export class BucketHistogram {
  readonly bounds: readonly number[]
  /** Observations per bucket, not cumulative; the last one is above every bound. */
  readonly counts: number[]
  sum = 0
  count = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = new Array<number>(bounds.length + 1).fill(0)
  }

  observe(value: number): void {
    let i = 0
    while (i < this.bounds.length && value > (this.bounds[i] ?? 0)) i++
    this.counts[i] = (this.counts[i] ?? 0) + 1
    this.sum += value
    this.count++
  }
}
