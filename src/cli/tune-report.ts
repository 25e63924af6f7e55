import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TuneManifest } from '../record/index.js'
import { loadReporting } from './finish.js'

/** Reads a search's folder, finished or not, and writes the page about it. */
export async function writeTuneReport(
  folder: string,
  out: string | undefined,
): Promise<{ readonly path: string; readonly tune: TuneManifest }> {
  const { loadTuneInput, renderTune, sizeWarning } = await loadReporting()
  const input = await loadTuneInput(folder)
  const path = out ?? join('reports', `${input.name}.html`)
  const html = await renderTune(input)
  const warning = sizeWarning(html)
  if (warning !== null) process.stderr.write(`${warning}\n`)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, html)
  return { path, tune: input.tune }
}
