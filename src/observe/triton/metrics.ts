import type { GpuReading, HistogramTotal, HostReading } from '../../record/index.js'
import type { EngineConfigFacts, EngineMetrics } from '../engine-metrics.js'
import type { Exposition, Sample } from '../prometheus.js'
import { histogram, present, sum, sumWhere, total } from '../series.js'

const REQUESTS = 'nv_trt_llm_request_metrics'
const BLOCKS = 'nv_trt_llm_kv_cache_block_metrics'
const US = 1e-6
const MS = 1e-3

/**
 * Triton's own metrics (`nv_`), and those of TensorRT-LLM's batch manager inside it (`nv_trt_llm_`). Triton sums times up
 * per model of a pipeline: they are read of the model that stands for the whole.
 */
export const tritonMetrics: EngineMetrics = {
  engine: 'triton',
  offers: {
    running: { from: 'nv_trt_llm_request_metrics{request_type="scheduled"}', note: 'TensorRT-LLM only' },
    waiting: {
      from: 'nv_trt_llm_request_metrics',
      note: 'waiting, or active and not scheduled; other backends: nv_inference_pending_request_count',
    },
    'cache use': { from: 'nv_trt_llm_kv_cache_block_metrics', note: 'used of max; TensorRT-LLM only' },
    preempted: { none: 'not exposed' },
    'prefix hits': { none: 'not exposed' },
    'queue time': { from: 'nv_inference_queue_duration_us', note: 'before the backend took the request' },
    'prefill time': { none: 'not exposed' },
    'decode time': { none: 'not exposed' },
    'generated tokens': { none: 'not exposed as a total' },
  },
  exposes: true,
  sources: [],
  turnOn:
    'Triton exposes them on a port of its own: set target.metricsUrl, by default http://host:8002/metrics',
  notes: [],
  recognises: (exposition) =>
    [...exposition.keys()].some((name) => name.startsWith('nv_inference_') || name.startsWith('nv_trt_llm_')),
  read: (exposition) => ({
    gauges: present({
      running: sumWhere(exposition, REQUESTS, 'request_type', 'scheduled'),
      waiting: waiting(exposition),
      kvUsage: blockShare(exposition),
    }),
    counters: present({
      requestsFinished: ofMain(exposition, 'nv_inference_request_success'),
      requestsFailed: ofMain(exposition, 'nv_inference_request_failure'),
    }),
    histograms: present({
      queueS: meanTime(exposition, 'nv_inference_queue_duration_us'),
      e2eS: meanTime(exposition, 'nv_inference_request_duration_us'),
      ttftS: histogram(exposition, ['nv_inference_first_response_histogram_ms'], MS),
    }),
    ...machine(exposition),
  }),
  facts,
}

function waiting(exposition: Exposition): number | undefined {
  const told = sumWhere(exposition, REQUESTS, 'request_type', 'waiting')
  if (told !== undefined) return told
  const active = sumWhere(exposition, REQUESTS, 'request_type', 'active')
  const scheduled = sumWhere(exposition, REQUESTS, 'request_type', 'scheduled')
  if (active !== undefined && scheduled !== undefined) return Math.max(0, active - scheduled)
  return total(exposition, ['nv_inference_pending_request_count'])
}

const blocks = (exposition: Exposition, type: string) =>
  sumWhere(exposition, BLOCKS, 'kv_cache_block_type', type)

function blockShare(exposition: Exposition): number | undefined {
  const [used, most] = [blocks(exposition, 'used'), blocks(exposition, 'max')]
  return used === undefined || most === undefined || most <= 0 ? undefined : used / most
}

function facts(exposition: Exposition): EngineConfigFacts {
  const most = blocks(exposition, 'max')
  // A size, not a count: with several models it must not be added up.
  const size = exposition.get(BLOCKS)?.find((s) => s.labels.kv_cache_block_type === 'tokens_per')?.value
  const requests = sumWhere(exposition, REQUESTS, 'request_type', 'max')
  return present({
    kvBlocks: most,
    kvBlockSize: size,
    kvCacheTokens: most === undefined || size === undefined ? undefined : most * size,
    maxNumSeqs: requests,
  })
}

/**
 * The model whose times stand for the pipeline: the one that answered in the longest total time, for an ensemble's time
 * holds that of its steps.
 */
function mainModel(exposition: Exposition): string | undefined {
  const samples = exposition.get('nv_inference_request_duration_us') ?? []
  const longest = samples.reduce<Sample | undefined>(
    (most, sample) => (most === undefined || sample.value > most.value ? sample : most),
    undefined,
  )
  return longest?.labels.model
}

function ofMain(exposition: Exposition, name: string): number | undefined {
  const model = mainModel(exposition)
  return sum(exposition.get(name)?.filter((s) => model === undefined || s.labels.model === model))
}

function meanTime(exposition: Exposition, name: string): HistogramTotal | undefined {
  const [us, count] = [ofMain(exposition, name), ofMain(exposition, 'nv_inference_request_success')]
  return us === undefined || count === undefined ? undefined : { sum: us * US, count }
}

function machine(exposition: Exposition): { gpu?: readonly GpuReading[]; host?: HostReading } {
  const ids = new Set(
    ['nv_gpu_utilization', 'nv_gpu_memory_used_bytes'].flatMap((name) =>
      (exposition.get(name) ?? []).map((s) => s.labels.gpu_uuid ?? ''),
    ),
  )
  const gpu = [...ids].map((id) => {
    const of = (name: string) => exposition.get(name)?.find((s) => (s.labels.gpu_uuid ?? '') === id)?.value
    return {
      id,
      ...present({
        utilisation: of('nv_gpu_utilization'),
        memoryUsedBytes: of('nv_gpu_memory_used_bytes'),
        memoryTotalBytes: of('nv_gpu_memory_total_bytes'),
        powerW: of('nv_gpu_power_usage'),
      }),
    }
  })
  const memory = total(exposition, ['nv_cpu_memory_total_bytes'])
  const used = total(exposition, ['nv_cpu_memory_used_bytes'])
  const host = present({
    cpuBusyShare: total(exposition, ['nv_cpu_utilization']),
    memoryTotalBytes: memory,
    memoryAvailableBytes: memory === undefined || used === undefined ? undefined : memory - used,
  })
  return { ...(gpu.length > 0 && { gpu }), ...(Object.keys(host).length > 0 && { host }) }
}
