/** What falloff tells the guard. */
export type Order =
  | {
      readonly kind: 'run'
      readonly words: readonly string[]
      /** The whole environment of the engine. It travels here and not as arguments, which every user of the machine can read. */
      readonly env: Readonly<Record<string, string | undefined>>
      readonly stopTimeoutS: number
    }
  | { readonly kind: 'stop' }

/** What the guard tells falloff. */
export type Report =
  /** `group`: the one in which the engine runs, where it has one of its own. */
  | { readonly kind: 'running'; readonly pid: number; readonly group: number }
  | { readonly kind: 'ended'; readonly how: string }
  /** All are gone but those named, which did not end even when killed. */
  | { readonly kind: 'gone'; readonly left: readonly number[] }
