export declare function quantile(sorted: Float64Array, q: number): number
export declare function ascending(values: Iterable<number>): Float64Array
export declare function median(values: readonly number[]): number
export declare function spread(values: readonly number[]): { median: number; least: number; most: number }
export declare function ratio(values: readonly number[], floors: readonly number[]): number
