import { build, type Histogram } from 'hdr-histogram-js'

/** Range of every latency histogram, in µs: 1 µs to one hour. */
const LOWEST_US = 1
const HIGHEST_US = 3_600_000_000

/**
 * A histogram of times in µs that keeps three significant digits, and counts what it cannot hold instead of throwing:
 * a lost or impossible value must show, not end the run.
 */
export interface LatencyHistogram {
  /** Rounds to whole µs; values below 1 µs count as 1 µs. */
  record(us: number): void
  /** Adds the values and the refused counts of another. */
  merge(other: LatencyHistogram): void
  /** Nearest-rank percentile in µs, 0 < q < 1, high by at most 0.1 %; null while empty. */
  quantileUs(q: number): number | null
  reset(): void
  readonly count: number
  readonly refused: Refused
  /** The histogram itself, for encoding. */
  readonly inner: Histogram
}

/** Values that were not recorded, by reason. */
interface Refused {
  readonly notANumber: number
  readonly negative: number
  readonly tooLarge: number
}

export function createLatencyHistogram(): LatencyHistogram {
  const inner = build({
    bitBucketSize: 32,
    lowestDiscernibleValue: LOWEST_US,
    highestTrackableValue: HIGHEST_US,
    numberOfSignificantValueDigits: 3,
    autoResize: false,
  })
  let refused: Refused = { notANumber: 0, negative: 0, tooLarge: 0 }
  const refuse = (by: Partial<Refused>): void => {
    refused = {
      notANumber: refused.notANumber + (by.notANumber ?? 0),
      negative: refused.negative + (by.negative ?? 0),
      tooLarge: refused.tooLarge + (by.tooLarge ?? 0),
    }
  }
  return {
    inner,
    record(us) {
      if (us >= 0 && us <= HIGHEST_US) inner.recordValue(Math.max(LOWEST_US, Math.round(us)))
      else if (Number.isNaN(us)) refuse({ notANumber: 1 })
      else refuse(us < 0 ? { negative: 1 } : { tooLarge: 1 })
    },
    merge(other) {
      inner.add(other.inner)
      refuse(other.refused)
    },
    quantileUs: (q) => (inner.totalCount === 0 ? null : inner.getValueAtPercentile(q * 100)),
    reset() {
      inner.reset()
      refused = { notANumber: 0, negative: 0, tooLarge: 0 }
    },
    get count() {
      return inner.totalCount
    },
    get refused() {
      return refused
    },
  }
}
