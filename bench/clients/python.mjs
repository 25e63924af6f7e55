// Clients out of the Python registry, each in an environment of its own.
import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { benchFolder, runToEnd } from '../lib/children.mjs'

const cacheFolder = process.env.FALLOFF_CACHE ?? join(homedir(), '.cache', 'falloff')
const LONGEST_S = 300

/** Nothing reports its use. */
const QUIET = ['DO_NOT_TRACK=1', 'VLLM_NO_USAGE_STATS=1', 'HF_HUB_DISABLE_TELEMETRY=1']

/** Local files only, for clients that then still take a tokenizer from a folder. */
export const OFFLINE = ['HF_HUB_OFFLINE=1', 'TRANSFORMERS_OFFLINE=1', 'HF_DATASETS_OFFLINE=1']

/**
 * @param {string} name of the environment, as `.ci/setup-vllm.sh` makes it
 * @param {{ command: string, pack: string }} what is looked for in it
 */
export function pythonClient(name, { command, pack }) {
  const home = join(cacheFolder, name, '.venv')
  const bin = join(home, 'bin')
  return {
    /** @returns {string | undefined} undefined when it is not installed */
    version: () => (existsSync(join(bin, command)) ? versionOf(home, pack) : undefined),
    /**
     * On the client's core, to its end.
     * @param {string} folder it works in @param {readonly string[]} args @param {readonly string[]} settings of its environment
     */
    run: (folder, args, settings = []) =>
      runToEnd([
        ...['timeout', '--kill-after=10', String(LONGEST_S)],
        ...['env', `--chdir=${folder}`, `PATH=${bin}:${process.env.PATH ?? ''}`, ...QUIET, ...settings],
        ...[command, ...args],
      ]),
  }
}

/** As its metadata in the environment says. */
function versionOf(home, pack) {
  const pattern = new RegExp(`^${pack}-(.+)\\.dist-info$`)
  const lib = join(home, 'lib')
  for (const python of readdirSync(lib).filter((entry) => entry.startsWith('python'))) {
    for (const entry of readdirSync(join(lib, python, 'site-packages'))) {
      const found = pattern.exec(entry)
      if (found) return found[1]
    }
  }
  return 'of unknown version'
}

const MAKER = join(benchFolder, '..', 'test', 'real', 'tiny-model.py')

/**
 * A folder with a tokenizer that was made here: nothing is downloaded.
 * @returns {Promise<string>}
 */
export async function tokenizerFolder() {
  const folder = join(cacheFolder, 'models', 'light')
  if (existsSync(join(folder, 'tokenizer.json'))) return folder
  const pythons = ['vllm', 'clients', 'aiperf'].map((name) =>
    join(cacheFolder, name, '.venv', 'bin', 'python'),
  )
  const python = pythons.find((path) => existsSync(path))
  if (python) await runToEnd([python, MAKER, folder])
  return folder
}
