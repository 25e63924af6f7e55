import type { EngineIdentity, Pages, ToldFacts } from '../engine-identity.js'
import { at, countAt, settingsIn, textAt } from '../json.js'
import { present } from '../series.js'

/** The newer name first; older versions know the second only. */
const SERVER_INFO = ['/server_info', '/get_server_info'] as const
const MODEL_INFO = ['/model_info', '/get_model_info'] as const

/** The page holds every server argument, keys among them: only these are kept. */
const SETTINGS = [
  'chunked_prefill_size',
  'max_prefill_tokens',
  'mem_fraction_static',
  'schedule_policy',
  'schedule_conservativeness',
  'page_size',
  'kv_cache_dtype',
  'stream_interval',
  'tp_size',
  'dp_size',
]

export const sglangIdentity: EngineIdentity = {
  engine: 'sglang',
  pages: [...SERVER_INFO, ...MODEL_INFO],
  recognises: (pages) => at(serverInfo(pages), 'schedule_conservativeness') !== undefined,
  facts: (pages): ToldFacts => {
    const info = serverInfo(pages)
    const disabled = at(info, 'disable_radix_cache')
    const model = textAt(info, 'served_model_name') ?? textAt(modelInfo(pages), 'model_path')
    return present({
      version: textAt(info, 'version'),
      maxModelLen: countAt(info, 'context_length'),
      kvCacheTokens: countAt(info, 'max_total_num_tokens'),
      maxNumSeqs: countAt(info, 'max_running_requests'),
      prefixCaching: typeof disabled === 'boolean' ? !disabled : undefined,
      config: settingsIn(info, SETTINGS),
      models: model === undefined ? undefined : [model],
    })
  },
}

const firstOf = (pages: Pages, paths: readonly string[]): unknown =>
  paths.map((path) => pages.json(path)).find((page) => page !== undefined)

const serverInfo = (pages: Pages): unknown => firstOf(pages, SERVER_INFO)
const modelInfo = (pages: Pages): unknown => firstOf(pages, MODEL_INFO)
