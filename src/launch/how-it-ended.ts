/** The end of a process as half a sentence. */
export const howItEnded = (code: number | null, signal: NodeJS.Signals | null): string =>
  signal === null ? `ended with code ${code}` : `was ended by ${signal}`
