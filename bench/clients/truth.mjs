import { startEmitter } from '../../dist/emitter/index.js'
import { moveTo } from '../lib/machine.mjs'
import { ascending, median, quantile } from '../lib/statistics.mjs'
import { GAP_MS, TOKENS, TTFT_MS } from './load.mjs'

/**
 * What the emitter's log says of one run.
 * @typedef {{ ttftsMs: readonly number[], gapMs: number }} Truth a time to first token for each request, and the median gap
 */

/**
 * Runs `use` against an emitter on the server's core.
 * @template T
 * @param {import('./load.mjs').RoleChunk} roleChunk
 * @param {(server: { url: string, model: string }) => Promise<T>} use
 * @returns {Promise<{ heard: T, truth: Truth }>}
 */
export async function besideTheTruth(roleChunk, use) {
  const emitter = await startEmitter({ shape: { ttftMs: TTFT_MS, gapMs: GAP_MS, roleChunk } })
  moveTo('server', emitter.pid)
  try {
    const heard = await use({ url: emitter.url, model: emitter.model })
    return { heard, truth: truthOf((await emitter.log()).streams) }
  } finally {
    await emitter.stop()
  }
}

/** Streams of another length are a client's rehearsals. @returns {Truth} */
function truthOf(streams) {
  const asked = streams.filter(({ writesNs, whole }) => whole && writesNs.length === TOKENS)
  const gapsNs = asked.flatMap(({ writesNs }) => writesNs.slice(1).map((atNs, i) => atNs - writesNs[i]))
  return {
    ttftsMs: asked.map(({ writesNs, arrivalNs }) => (writesNs[0] - arrivalNs) / 1e6),
    gapMs: gapsNs.length > 0 ? quantile(ascending(gapsNs), 0.5) / 1e6 : Number.NaN,
  }
}

/**
 * All clients met the same server; what it did for one of them it did for all.
 * @param {readonly Truth[]} truths of runs with the same number of streams
 */
export function together(truths) {
  const sorted = ascending(truths.flatMap(({ ttftsMs }) => ttftsMs))
  if (sorted.length === 0) return undefined
  return {
    ttftMs: { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) },
    gapMs: median(truths.map(({ gapMs }) => gapMs)),
  }
}
