import { renameSync, rmSync } from 'node:fs'
import { basename } from 'node:path'
import type { MadeAgain } from '../record/index.js'

type Why = 'invalid' | 'disturbed'

const asideOf = (run: string, why: Why): string => `${run}-${why}`

/** Keeps a run that is made again as `<run>-<why>`, for whoever wants to know what spoilt it. */
export function setAside(run: string, why: Why, because: readonly string[]): MadeAgain {
  const aside = asideOf(run, why)
  move(run, aside)
  return { keptAs: basename(aside), because }
}

/** Lets it stand after all. */
export const putBack = (run: string, why: Why): void => move(asideOf(run, why), run)

function move(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true })
  renameSync(from, to)
}
