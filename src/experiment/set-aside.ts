import { renameSync, rmSync } from 'node:fs'
import { basename } from 'node:path'
import type { MadeAgain } from '../record/index.js'

/** Keeps a run that is made again as `<run>-<why>`, for whoever wants to know what spoilt it. */
export function setAside(run: string, why: 'invalid' | 'disturbed', because: readonly string[]): MadeAgain {
  const aside = `${run}-${why}`
  rmSync(aside, { recursive: true, force: true })
  renameSync(run, aside)
  return { keptAs: basename(aside), because }
}
