import type { Random } from '../src/base/index.js'

export interface SimulatedSeries {
  readonly name: string
  readonly dependent: boolean
  /** Values of one request; 1 where absent. */
  readonly group?: number
  values(random: Random, n: number): Float64Array
  /** The true quantile, at 0.5, 0.9, 0.95, 0.99 and 0.999. */
  quantile(q: number): number
}

export declare const SERIES: Readonly<
  Record<
    | 'exponential'
    | 'pareto15'
    | 'pareto25'
    | 'lognormal'
    | 'ar5'
    | 'ar9'
    | 'heavyAr5'
    | 'queue5'
    | 'queue8'
    | 'queue9'
    | 'gaps'
    | 'bursts',
    SimulatedSeries
  >
>
