import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { INPUT_TOKENS, TOKENS } from './load.mjs'
import { OFFLINE, pythonClient } from './python.mjs'

const vllm = pythonClient('vllm', { command: 'vllm', pack: 'vllm' })
const RESULT = 'vllm.json'

/** `vllm bench serve`, for chat. @param {import('./load.mjs').RoleChunk} roleChunk @returns {import('./load.mjs').Client} */
export const vllmBench = (roleChunk) => ({
  name: 'vllm bench serve',
  roleChunk,
  version: vllm.version,
  async run({ url, model, streams, requests, folder, tokenizer }) {
    const args = ['bench', 'serve', '--backend', 'openai-chat', '--base-url', url, '--model', model]
    args.push('--endpoint', '/v1/chat/completions', '--tokenizer', tokenizer, '--dataset-name', 'random')
    args.push('--random-input-len', String(INPUT_TOKENS), '--random-output-len', String(TOKENS))
    args.push('--num-prompts', String(requests), '--max-concurrency', String(streams), '--ignore-eos')
    args.push('--disable-tqdm', '--save-result', '--metric-percentiles', '50,99')
    args.push('--result-dir', folder, '--result-filename', RESULT)
    await vllm.run(folder, args, OFFLINE)
    const said = JSON.parse(readFileSync(join(folder, RESULT), 'utf8'))
    return {
      completed: said.completed,
      ttftMs: { p50: said.p50_ttft_ms, p99: said.p99_ttft_ms },
      gapMs: said.median_itl_ms,
      durationS: said.duration,
      doubts: [],
    }
  },
})
