import { spawnSync } from 'node:child_process'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { allowedCpus, siblingsOf } from './proc.mjs'

const PIN = 'taskset'

/**
 * A core for the client and one for the server, not two halves of one where that can be had.
 * @returns {{ client: number, server: number, shared: boolean } | undefined} undefined: nothing can be pinned
 */
function chooseCores() {
  const [client, ...others] = allowedCpus()
  if (client === undefined || others.length === 0) return undefined
  if (spawnSync(PIN, ['-c', String(client), 'true']).status !== 0) return undefined
  const siblings = siblingsOf(client)
  const apart = others.find((cpu) => !siblings.includes(cpu))
  return { client, server: apart ?? others[0], shared: apart === undefined }
}

const cores = chooseCores()

/** The words of a command that runs on one core, where that can be had. @param {'client' | 'server' | 'any'} side */
export const onCore = (side, words) =>
  cores && side !== 'any' ? [PIN, '-c', String(cores[side]), ...words] : words

/** Moves all threads of a process. @param {'client' | 'server'} side @param {number} pid */
export function moveTo(side, pid) {
  if (cores) spawnSync(PIN, ['-a', '-c', '-p', String(cores[side]), String(pid)], { stdio: 'ignore' })
}

/** Everything a reader needs to know of the machine to make sense of a figure. */
export const describeMachine = () => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  kernel: release(),
  node: process.version,
  arch: process.arch,
  pinned: cores
    ? `client to core ${cores.client}, server to core ${cores.server}${cores.shared ? ' (two halves of one)' : ''}`
    : 'no',
  loadBefore: loadavg().map((load) => Number(load.toFixed(2))),
})

/** @param {ReturnType<typeof describeMachine>} m */
export const machineLine = (m) =>
  `${m.cpu}, ${m.cores} cores, ${m.memoryGiB} GiB; Linux ${m.kernel}, Node ${m.node.slice(1)}, ${m.arch}; ` +
  `pinned: ${m.pinned}; load average before: ${m.loadBefore.join(', ')}`
