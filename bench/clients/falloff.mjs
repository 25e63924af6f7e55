import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { benchFolder } from '../lib/children.mjs'
import { linesOf, recordsPath, withRun } from '../lib/run-command.mjs'
import { ascending, quantile } from '../lib/statistics.mjs'
import { INPUT_TOKENS, TOKENS } from './load.mjs'

const readJson = (...path) => JSON.parse(readFileSync(join(...path), 'utf8'))

/**
 * `falloff run` with one worker. Its own summary leaves the first wave of requests out; here all of them count, from its
 * records, since they count with the others.
 * @param {'kernel' | 'undici'} transport @returns {import('./load.mjs').Client}
 */
export const falloff = (transport) => ({
  name: `falloff (${transport})`,
  roleChunk: 'alone',
  version: () => readJson(benchFolder, '..', 'package.json').version,
  run({ url, model, streams, requests, folder }) {
    const flags = ['--transport', transport, '--concurrency', String(streams), '--requests', String(requests)]
    flags.push('--input-tokens', String(INPUT_TOKENS), '--output-tokens', String(TOKENS))
    return withRun({ folder, server: { url, model }, flags }, heardFrom)
  },
})

/** @returns {import('./load.mjs').Heard} */
function heardFrom(runFolder) {
  const records = [...linesOf(recordsPath(runFolder))].filter(({ state }) => state === 'completed')
  const ttftsNs = ascending(records.map(({ firstTokenNs, sentNs }) => firstTokenNs - sentNs))
  // Pairs of a gap and a number of tokens; the first gap is the time to the first token.
  const gapsNs = ascending(records.flatMap(({ chunks }) => chunks.filter((_, i) => i > 0 && i % 2 === 0)))
  const firstNs = Math.min(...records.map(({ sentNs }) => sentNs))
  const lastNs = Math.max(...records.map(({ endNs }) => endNs))
  return {
    completed: records.length,
    ttftMs: { p50: quantile(ttftsNs, 0.5) / 1e6, p99: quantile(ttftsNs, 0.99) / 1e6 },
    gapMs: quantile(gapsNs, 0.5) / 1e6,
    durationS: (lastNs - firstNs) / 1e9,
    doubts: doubtsIn(readJson(runFolder, 'summary.json')),
  }
}

/** Its verdict, and what spoke against the run. */
function doubtsIn({ validity: { verdict, findings } }) {
  if (findings.length === 0) return []
  return [`${verdict}: ${findings.map(({ code }) => code).join(', ')}`]
}
