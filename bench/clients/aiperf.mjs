import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { INPUT_TOKENS, TOKENS } from './load.mjs'
import { pythonClient } from './python.mjs'

const perf = pythonClient('aiperf', { command: 'aiperf', pack: 'aiperf' })
const LATE_LOOP = /taking too long to run\. Overhead: ([\d,.]+)ms/g

/**
 * AIPerf. Told that it is offline it looks for tokenizers in a cache of downloads only, so it is not told; it is not asked to
 * scrape metrics or graphics cards, which are not there.
 * @type {import('./load.mjs').Client}
 */
export const aiperf = {
  name: 'AIPerf',
  roleChunk: 'alone',
  version: perf.version,
  async run({ url, model, streams, requests, folder, tokenizer }) {
    const args = ['profile', '--model', model, '--url', url, '--endpoint-type', 'chat', '--streaming']
    args.push('--concurrency', String(streams), '--request-count', String(requests))
    args.push('--isl', String(INPUT_TOKENS), '--osl', String(TOKENS), '--extra-inputs', 'ignore_eos:true')
    args.push('--tokenizer', tokenizer, '--use-server-token-count', '--no-server-metrics')
    args.push('--no-gpu-telemetry', '--ui', 'none', '--artifact-dir', folder)
    await perf.run(folder, args)
    const said = JSON.parse(readFileSync(join(folder, 'profile_export_aiperf.json'), 'utf8'))
    const { p50, p99 } = said.time_to_first_token
    return {
      completed: said.request_count.avg,
      ttftMs: { p50, p99 },
      gapMs: said.inter_chunk_latency.p50,
      durationS: said.benchmark_duration.avg,
      doubts: doubtsIn(readFileSync(join(folder, 'logs', 'aiperf.log'), 'utf8')),
    }
  },
}

/** Its services watch their event loops; what they find goes into the log, not beside the figures. */
function doubtsIn(log) {
  const overheadsMs = [...log.matchAll(LATE_LOOP)].map(([, text]) => Number(text.replaceAll(',', '')))
  if (overheadsMs.length === 0) return []
  return [`logs a late event loop ${overheadsMs.length} times, by up to ${Math.max(...overheadsMs)} ms`]
}
