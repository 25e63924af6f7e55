export interface Row {
  readonly name: string
  readonly roleChunk: 'alone' | 'with-first'
  readonly installed: boolean
  readonly cells: readonly {
    readonly streams: number
    readonly heard?: {
      readonly completed: number
      readonly ttftMs: { readonly p50: number; readonly p99: number }
      readonly gapMs: number
      readonly durationS: number
      readonly doubts: readonly string[]
    }
    readonly truth?: { readonly ttftsMs: readonly number[]; readonly gapMs: number }
  }[]
}

export declare function tablesText(rows: readonly Row[], streams: readonly number[]): string
