import { existsSync, mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { usageError } from '../../base/index.js'
import { readImported, readResult, renderImported, wholeRuns } from '../../exchange/index.js'
import { RUN_FILES, writeJsonFile } from '../../record/index.js'
import type { ImportArguments } from '../options/results.js'
import { lastOfEach } from '../settings.js'

/** Reads another tool's result, keeps it as `imported.json`, and prints it, beside one of ours where that is asked for. */
export async function importCommand(given: ImportArguments): Promise<void> {
  const { file, beside, format, out } = lastOfEach(given)
  if (beside !== undefined) assertResult(beside)
  const imported = readImported(file)
  const ours = beside === undefined ? [] : await wholeRuns(await readResult(beside))
  const folder = out ?? join('results', `imported-${basename(file).replace(/\.jsonl?$/, '')}`)
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'imported.json')
  writeJsonFile(path, imported)
  const shown = beside === undefined ? imported : { imported, beside: ours }
  process.stdout.write(
    format === 'json' ? `${JSON.stringify(shown, null, 2)}\n` : renderImported(imported, ours),
  )
  process.stderr.write(`\nimported ${path}\n`)
}

function assertResult(folder: string): void {
  if (![RUN_FILES.manifest, RUN_FILES.experiment].some((file) => existsSync(join(folder, file))))
    throw usageError(
      `--beside ${folder}`,
      `holds no ${RUN_FILES.manifest} or ${RUN_FILES.experiment}; give a folder under results/`,
    )
}
