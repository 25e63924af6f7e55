import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { TuneManifest } from '../../src/record/index.js'
import { loadTuneInput, renderTune } from '../../src/report/index.js'
import { recordOf, tempFolder, writeRun } from '../analyse/run-folder.js'
import { killed, tuned } from './tune-fixture.js'

/** A folder with `tune.json` and runs for those trials that are named. */
function searchFolder(tune: TuneManifest, withRuns: readonly string[]): string {
  const folder = join(tempFolder(), 'chat-search')
  mkdirSync(folder)
  writeFileSync(join(folder, 'tune.json'), JSON.stringify(tune))
  const records = Array.from({ length: 20 }, (_, i) => recordOf(i, i * 50, 80, 20, 8))
  const launch = {
    kind: 'vllm',
    commandLine: 'vllm serve m',
    readyS: 30,
    phases: [{ name: 'weights', fromS: 0, toS: 30 }],
    facts: {},
  } as const
  for (const id of withRuns) {
    const run = tune.trials.find((t) => t.id === id)?.run
    if (run) writeRun({ records, manifest: { launch } }, join(folder, run))
  }
  return folder
}

describe('reading a search back from its folder', () => {
  test('without any run there is all that tune.json says', async () => {
    const input = await loadTuneInput(searchFolder(tuned(), []))
    expect(input).toEqual({ name: 'chat-search', tune: tuned(), runs: {}, launches: {} })
  })

  test('the runs of the confirmation are read in full, of the others how the engine came up', async () => {
    const tune = tuned()
    const confirming = tune.trials.filter((t) => t.purpose === 'confirm').map((t) => t.id)
    const others = tune.trials.filter((t) => t.setting === 's3').map((t) => t.id)
    const input = await loadTuneInput(searchFolder(tune, [...confirming, ...others]))
    expect(Object.keys(input.runs).toSorted()).toEqual(confirming.toSorted())
    expect(Object.keys(input.launches).toSorted()).toEqual(['s1', 's3', 's6'])
    const [run] = Object.values(input.runs)
    expect(run?.timeline.bins.length).toBeGreaterThan(0)
    expect(['VALID', 'VALID WITH CAVEATS', 'INVALID']).toContain(run?.validity.verdict)
  })

  test('of a search that was killed, best and default so far are read, and the page is made', async () => {
    const tune = killed()
    const input = await loadTuneInput(
      searchFolder(
        tune,
        tune.trials.map((t) => t.id),
      ),
    )
    const read = Object.keys(input.runs).map((id) => tune.trials.find((t) => t.id === id)?.setting)
    expect(read).toEqual(['s1'])
    expect(await renderTune(input)).toContain('The search is not finished.')
  })

  test('a folder without tune.json is an error that names the file', async () => {
    await expect(loadTuneInput('/nonexistent/search')).rejects.toThrow(
      '/nonexistent/search/tune.json cannot be read',
    )
  })
})
