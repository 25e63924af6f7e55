import { formatBytes, formatNumber } from '../../base/index.js'
import { type Check, check, type Evidence, graded, type Judge, notTold } from './check.js'

/** What the machine has, against what the load takes. */

const countOf = (n: number): string =>
  n === Number.POSITIVE_INFINITY ? 'no limit' : n.toLocaleString('en-US')

const plural = (n: number, word: string): string => `${countOf(n)} ${word}${n === 1 ? '' : 's'}`

const cores: Judge = ({ facts, need, workers }) => {
  const usable = Math.min(facts.cores, facts.quotaCores ?? Number.POSITIVE_INFINITY)
  const server = need.local === true ? 1 : 0
  const wanted = workers.wanted + 1 + server
  const limit = usable < facts.cores ? `, of which a control group grants ${formatNumber(usable)}` : ''
  const least = 1 + server
  return check(
    'cores',
    graded(usable, least, wanted),
    `${plural(facts.cores, 'core')}${limit}`,
    `${countOf(wanted)}: ${plural(workers.wanted, 'worker')}, 1 observer${server ? ', 1 or more for the server' : ''}; ${workers.because}`,
    usable < facts.cores
      ? 'raise the limit: cpu.max of the control group, --cpus of the container, limits.cpu of the pod'
      : 'use a machine with more cores, or fewer streams',
  )
}

/** Beside its streams: record files, the engine's metrics, the runtime's own. */
const OTHER_FILES = 200

const openFiles: Judge = ({ facts, need }) => {
  const least = need.streams + OTHER_FILES
  const wanted = `${countOf(least)}: one a stream, and ${OTHER_FILES} others`
  if (!facts.openFiles) return notTold('open files', wanted)
  const { soft, hard } = facts.openFiles
  const change =
    hard >= least ? `ulimit -n ${least}` : `ulimit -Hn ${least} as root, or nofile in limits.conf or the unit`
  return check('open files', graded(soft, least, least), countOf(soft), wanted, change)
}

const ports: Judge = ({ facts, need }) => {
  const wanted = `${countOf(need.streams)}, better twice as many: a closed connection holds its port for a minute`
  if (!facts.ports) return notTold('local ports', wanted)
  const { first, last, inUse } = facts.ports
  const free = last - first + 1 - inUse
  return check(
    'local ports',
    graded(free, need.streams, 2 * need.streams),
    `${countOf(free)} free of ${first}–${last}`,
    wanted,
    'sysctl -w net.ipv4.ip_local_port_range="1024 65000"',
  )
}

const backlog: Judge = ({ facts, need }) => {
  const wanted = `${countOf(need.streams)}, where the server is on this machine: all streams may connect at once`
  if (facts.somaxconn === undefined) return notTold('listen backlog', wanted)
  const enough = need.local === false || facts.somaxconn >= need.streams
  return check(
    'listen backlog',
    enough ? 'ok' : 'warning',
    countOf(facts.somaxconn),
    wanted,
    `sysctl -w net.core.somaxconn=${2 ** Math.ceil(Math.log2(need.streams))}, then restart the server`,
  )
}

/** Resident: what an open stream may take, and what a process with its libraries and a worker take. */
const BYTES_PER_STREAM = 25_000
const BYTES_PER_WORKER = 60e6
const BYTES_OF_PROCESS = 200e6

const memory: Judge = ({ facts, need, workers }) => {
  const least = BYTES_OF_PROCESS + workers.wanted * BYTES_PER_WORKER + need.streams * BYTES_PER_STREAM
  const wanted = `${formatBytes(least)}, better twice as much`
  if (!facts.memory) return notTold('memory', wanted)
  const { availableBytes } = facts.memory
  return check(
    'memory',
    graded(availableBytes, least, 2 * least),
    `${formatBytes(availableBytes)} available`,
    wanted,
    'end what else uses memory, or plan fewer streams',
  )
}

/** Below this swapped pages are those that nobody has asked for in a long time. */
const SWAP_BYTES = 64 * 2 ** 20

const swap: Judge = ({ facts }) => {
  const wanted = 'next to none in use: a page that comes back from disk stops a worker for milliseconds'
  if (!facts.memory) return notTold('swap', wanted)
  const { swapUsedBytes } = facts.memory
  return check(
    'swap',
    swapUsedBytes > SWAP_BYTES ? 'warning' : 'ok',
    swapUsedBytes > 0 ? `${formatBytes(swapUsedBytes)} in use` : 'none in use',
    wanted,
    'swapoff -a, where memory allows it',
  )
}

export const capacityChecks = (evidence: Evidence): readonly Check[] =>
  [cores, openFiles, ports, backlog, memory, swap].map((judge) => judge(evidence))
