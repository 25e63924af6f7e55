import type { CompareManifest, CompareRun, CompareSide, CompareStopReason } from '../../record/index.js'

/** What a comparison is about; equal where an earlier one may be gone on with. */
export type CompareHead = Omit<
  CompareManifest,
  'format' | 'startedAtUtc' | 'endedAtUtc' | 'runs' | 'spentS' | 'stopReason'
>

/** Keeps `compare.json`: written at every step, so that what there is can be read at any moment. */
export interface CompareJournal {
  manifest(): CompareManifest
  /** The run of a side in a block, where it is measured already. */
  runAt(block: number, side: number): CompareRun | undefined
  /** How many blocks hold every side. */
  blocks(): number
  noteSide(side: number, facts: Partial<Pick<CompareSide, 'connect' | 'price'>>): void
  noteRun(run: CompareRun): void
  spend(seconds: number): void
  close(reason: CompareStopReason, endedAtUtc: string): CompareManifest
}

/** @param before what an earlier session left: its runs are not measured again */
export function openCompareJournal(
  head: CompareHead,
  startedAtUtc: string,
  before: CompareManifest | undefined,
  write: (manifest: CompareManifest) => void,
): CompareJournal {
  let state: CompareManifest = {
    format: 1,
    ...head,
    sides: head.sides.map((side, i) => ({ ...side, ...knownOf(before?.sides[i]) })),
    startedAtUtc: before?.startedAtUtc ?? startedAtUtc,
    runs: before?.runs ?? [],
    spentS: before?.spentS ?? 0,
  }
  const set = (changes: Partial<CompareManifest>): CompareManifest => {
    state = { ...state, ...changes }
    write(state)
    return state
  }
  set({})
  const runAt = (block: number, side: number): CompareRun | undefined =>
    state.runs.find((r) => r.block === block && r.side === side)
  return {
    manifest: () => state,
    runAt,
    blocks() {
      const whole = (block: number): boolean => state.sides.every((_, side) => runAt(block, side))
      let blocks = 0
      while (whole(blocks)) blocks++
      return blocks
    },
    noteSide: (side, facts) =>
      void set({ sides: state.sides.map((s, i) => (i === side ? { ...s, ...facts } : s)) }),
    noteRun: (run) => void set({ runs: [...state.runs, run] }),
    spend: (seconds) => void set({ spentS: state.spentS + seconds }),
    close: (stopReason, endedAtUtc) => set({ stopReason, endedAtUtc }),
  }
}

function knownOf(side: CompareSide | undefined): Partial<Pick<CompareSide, 'connect' | 'price'>> {
  return side === undefined ? {} : { connect: side.connect, price: side.price }
}
