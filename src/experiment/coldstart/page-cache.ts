import { execFile } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { messageOf } from '../../base/index.js'
import type { CacheState } from '../../record/index.js'

const run = promisify(execFile)
const TOOL_MS = 60_000
/** Arguments of one call. */
const FILES_A_CALL = 200

/**
 * Files of a model: those below its folder, itself where it is one, or what the Hugging Face cache holds of that name.
 * None where it is not known where the engine reads it.
 */
export function modelFiles(
  model: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): readonly string[] {
  if (model === '') return []
  const cache =
    environment.HF_HUB_CACHE ?? join(environment.HF_HOME ?? join(homedir(), '.cache', 'huggingface'), 'hub')
  const cached = join(cache, `models--${model.replaceAll('/', '--')}`)
  const place = [model, cached].find((path) => existsSync(path))
  if (place === undefined) return []
  if (statSync(place).isFile()) return [place]
  return readdirSync(place, { recursive: true, encoding: 'utf8' })
    .map((name) => join(place, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
}

/**
 * What the page cache holds of the files, after having dropped them where that is asked.
 *
 * Reading with `nocache` and a count of nothing makes dd advise the kernel that the whole file is not needed
 * (posix_fadvise, POSIX_FADV_DONTNEED): no root is wanted, and the file is opened for reading alone. The kernel
 * keeps pages that another process has mapped; `fincore` tells.
 */
export async function pageCache(files: readonly string[], drop: boolean): Promise<CacheState> {
  const bytes = files.reduce((sum, path) => sum + statSync(path).size, 0)
  const failure = drop ? await dropAll(files) : undefined
  const residentBytes = await resident(files)
  const state = { files: files.length, bytes, residentBytes }
  if (!drop) return state
  return { ...state, drop: dropResult(state, failure) }
}

/** Undefined where all went well. */
async function dropAll(files: readonly string[]): Promise<string | undefined> {
  if (files.length === 0)
    return 'it is not known where the engine reads its model from: give its folder with --model'
  try {
    for (const path of files) {
      await run('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none'], { timeout: TOOL_MS })
    }
    return undefined
  } catch (thrown) {
    return `dd did not do it: ${messageOf(thrown).split('\n').at(-1) ?? ''}`
  }
}

/** What is left in the cache is more than its odd pages. */
const LEFT = 0.01

function dropResult(
  { bytes, residentBytes }: Omit<CacheState, 'drop'>,
  failure: string | undefined,
): NonNullable<CacheState['drop']> {
  if (failure !== undefined) return { done: false, note: failure }
  if (residentBytes === null) return { done: true, note: 'not verified: there is no fincore here to ask' }
  if (residentBytes <= bytes * LEFT) return { done: true }
  const share = Math.round((100 * residentBytes) / bytes)
  return { done: false, note: `${share} % of the model stayed in the cache: another process may use it` }
}

/** Bytes of the files that are in memory; null where nobody tells. */
async function resident(files: readonly string[]): Promise<number | null> {
  try {
    let sum = 0
    for (let i = 0; i < files.length; i += FILES_A_CALL) {
      const words = ['--bytes', '--noheadings', '--output', 'RES,SIZE', ...files.slice(i, i + FILES_A_CALL)]
      const { stdout } = await run('fincore', words, { timeout: TOOL_MS })
      sum += stdout.split('\n').reduce((all, line) => all + bytesIn(line), 0)
    }
    return sum
  } catch {
    return null
  }
}

/** The cache holds whole pages: of a file's last one no more than there is of it. */
function bytesIn(line: string): number {
  const [resident = 0, size = 0] = line.trim().split(/\s+/).map(Number)
  return Math.min(resident, size)
}
