import { renameSync, rmSync } from 'node:fs'

/** Keeps a run that is made again as `<run>-<why>`, for whoever wants to know what spoilt it. */
export function setAside(run: string, why: 'invalid' | 'disturbed'): void {
  const aside = `${run}-${why}`
  rmSync(aside, { recursive: true, force: true })
  renameSync(run, aside)
}
