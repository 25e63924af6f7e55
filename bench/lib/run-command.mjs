import { closeSync, mkdtempSync, openSync, readdirSync, readSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { commandPath, runToEnd } from './children.mjs'

/** A run that judges itself invalid is still a run, and on a busy machine the right answer. */
const ENDED_WELL = [0, 6]

/**
 * Runs `falloff run` with one worker, on the client's core unless told otherwise, and hands its run folder to `read` before it is deleted.
 * @template T
 * @param {{ folder: string, server: { url: string, model: string }, flags: readonly string[], core?: 'client' | 'any', onStart?: (pid: number, recordsSize: () => number) => void }} how
 * @param {(runFolder: string) => T} read
 * @returns {Promise<T>}
 */
export async function withRun({ folder, server, flags, core = 'client', onStart }, read) {
  const home = mkdtempSync(join(folder, 'run-'))
  const results = join(home, 'results')
  const words = [process.execPath, commandPath, 'run', '--target', server.url, '--model', server.model]
  words.push('--tokenizer', 'calibrate', '--workers', '1', '--results', results, '--format', 'json')
  words.push('--out', join(home, 'report.html'), ...flags)
  try {
    await runToEnd(words, {
      core,
      accept: ENDED_WELL,
      onStart: (pid) => onStart?.(pid, () => sizeIn(results)),
    })
    return read(onlyRun(results))
  } finally {
    rmSync(home, { recursive: true })
  }
}

const onlyRun = (results) => join(results, readdirSync(results)[0] ?? '')

export const recordsPath = (runFolder) => join(runFolder, 'requests-0.ndjson')

/** Bytes of records written so far; 0 as long as there is no file. */
function sizeIn(results) {
  try {
    return statSync(recordsPath(onlyRun(results))).size
  } catch {
    return 0
  }
}

const BLOCK_BYTES = 1 << 20

/** A file's lines as objects, block by block: a million records make no single string. @param {string} path */
export function* linesOf(path) {
  const file = openSync(path, 'r')
  const block = Buffer.alloc(BLOCK_BYTES)
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for (let size = 1; size > 0; ) {
    size = readSync(file, block, 0, BLOCK_BYTES, null)
    const lines = (rest + decoder.write(block.subarray(0, size))).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') yield JSON.parse(line)
  }
  closeSync(file)
}
