import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { INPUT_TOKENS, TOKENS } from './load.mjs'
import { OFFLINE, pythonClient } from './python.mjs'

const guide = pythonClient('clients', { command: 'guidellm', pack: 'guidellm' })

/**
 * GuideLLM. It keeps no gaps, only each request's mean; the median of those is what it reports.
 * @type {import('./load.mjs').Client}
 */
export const guidellm = {
  name: 'GuideLLM',
  roleChunk: 'alone',
  version: guide.version,
  async run({ url, model, streams, requests, folder, tokenizer }) {
    const file = join(folder, 'guidellm.json')
    const args = ['run', '--backend', `kind=openai_http,target=${url},model=${model}`]
    args.push('--profile', `kind=concurrent,streams=${streams}`)
    args.push('--constraint', `kind=max_requests,count=${requests}`)
    args.push('--tokenizer', `kind=huggingface_auto,model=${tokenizer}`)
    args.push('--data', `kind=synthetic_text,prompt_tokens=${INPUT_TOKENS},output_tokens=${TOKENS}`)
    args.push('--output', `kind=json,path=${file}`, '--disable-console')
    await guide.run(folder, args, OFFLINE)
    const [{ metrics, duration, warnings }] = JSON.parse(readFileSync(file, 'utf8')).benchmarks
    const ttft = metrics.time_to_first_token_ms.successful
    return {
      completed: metrics.request_totals.successful,
      ttftMs: { p50: ttft.median, p99: ttft.percentiles.p99 },
      gapMs: metrics.inter_token_latency_ms.successful.median,
      durationS: duration,
      doubts: (warnings ?? []).map(({ code }) => `warns: ${code}`),
    }
  },
}
