const NEXT_SESSION = 0
const OPEN = 1
const COOLDOWN = 2

/**
 * What all workers of a closed loop share: which session is drawn next, how many of the planned ones are open, and how many
 * were drawn for the cool-down alone.
 */
export type Ledger = Int32Array

export const createLedger = (): Ledger =>
  new Int32Array(new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT))

/** Draws the next session of the plan, and opens it. */
export function drawPlanned(ledger: Ledger): number {
  Atomics.add(ledger, OPEN, 1)
  return Atomics.add(ledger, NEXT_SESSION, 1)
}

export const closePlanned = (ledger: Ledger): void => void Atomics.sub(ledger, OPEN, 1)

export const plannedAreOpen = (ledger: Ledger): boolean => Atomics.load(ledger, OPEN) > 0

export function drawCooldown(ledger: Ledger): number {
  Atomics.add(ledger, COOLDOWN, 1)
  return Atomics.add(ledger, NEXT_SESSION, 1)
}

/** Sessions drawn so far that belong to the plan. */
export const plannedSoFar = (ledger: Ledger): number =>
  Atomics.load(ledger, NEXT_SESSION) - Atomics.load(ledger, COOLDOWN)
