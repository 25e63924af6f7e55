interface Figures {
  readonly n: number
  /** In ms; undefined where there is none. */
  readonly p50: number | undefined
  readonly p99: number | undefined
  readonly max: number | undefined
}

export declare function joinTruth(
  runFolder: string,
  truthLog: string,
): { readonly requests: number; readonly unjoined: number } & Readonly<
  Record<
    'sendError' | 'stampError' | 'ttftOurs' | 'ttftTrue' | 'ttftError' | 'gapOurs' | 'gapTrue' | 'gapError',
    Figures
  >
>
