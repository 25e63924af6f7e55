/** Where a connection's bytes go: the one thing that a wire does for it. */
export interface Outlet {
  /**
   * Hands the bytes to the system at once, if they fit. What does not fit is kept, in order, and sent when the client has
   * made room; the connection is told then. The buffer may be used again after the call.
   */
  send(bytes: Buffer, from: number, to: number): void
  /** Whether something is kept. */
  clogged(): boolean
  /** After what is kept has been sent, or not at all if the client is gone. */
  close(): void
}

/** An answer that is sent bit by bit. */
export interface Answer {
  /** When the next bit has to go. */
  readonly dueNs: number
  /** Sends it. @returns whether there is more to come */
  advance(outlet: Outlet): boolean
  /** The bit just sent went out only now. */
  heldUpTo(atNs: number): void
  /** Nothing more will be asked of it. */
  end(whole: boolean): void
}

export function sendWhole(outlet: Outlet, bytes: Buffer): void {
  outlet.send(bytes, 0, bytes.length)
}
