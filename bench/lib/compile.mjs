import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { benchFolder } from './children.mjs'

/**
 * Compiles one of the C programs here.
 * @param {string} name without `.c` @param {string} folder receives the binary
 * @returns {{ binary: string } | { reason: string }}
 */
export function compile(name, folder) {
  const compiler = process.env.CC ?? 'cc'
  const binary = join(folder, name)
  const { error, status, stderr } = spawnSync(
    compiler,
    ['-O2', '-Wall', '-Wextra', '-o', binary, join(benchFolder, `${name}.c`), '-lm'],
    { encoding: 'utf8' },
  )
  if (error) return { reason: 'no C compiler' }
  return status === 0 ? { binary } : { reason: `${compiler} failed: ${stderr.split('\n')[0]}` }
}
