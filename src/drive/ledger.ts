const NEXT_SESSION = 0
const OPEN = 1
const PLANNED = 2

/**
 * What all workers of a closed loop share: which session is drawn next, how many of the planned ones are open, and how many
 * requests the planned ones hold.
 */
export type Ledger = Int32Array

export const createLedger = (): Ledger =>
  new Int32Array(new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT))

export const drawSession = (ledger: Ledger): number => Atomics.add(ledger, NEXT_SESSION, 1)

/** A session of the plan begins; its requests count from now on. */
export function openPlanned(ledger: Ledger, requests: number): void {
  Atomics.add(ledger, OPEN, 1)
  Atomics.add(ledger, PLANNED, requests)
}

export const closePlanned = (ledger: Ledger): void => void Atomics.sub(ledger, OPEN, 1)

export const plannedAreOpen = (ledger: Ledger): boolean => Atomics.load(ledger, OPEN) > 0

/** Requests of the sessions drawn so far, cool-down not counted. */
export const plannedSoFar = (ledger: Ledger): number => Atomics.load(ledger, PLANNED)
