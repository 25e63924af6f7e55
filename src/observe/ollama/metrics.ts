import type { Offers } from '../../record/index.js'
import type { EngineMetrics } from '../engine-metrics.js'
import { listAt, sumAt } from '../json.js'
import { present } from '../series.js'

const PS = '/api/ps'
const NOTHING = { none: 'it has no metrics' }
const IN_ANSWERS = { none: 'it has no metrics; every answer tells its own' }

const OFFERS: Offers = {
  running: NOTHING,
  waiting: NOTHING,
  'cache use': NOTHING,
  preempted: { none: 'never preempts: requests wait for a slot' },
  'prefix hits': NOTHING,
  'queue time': NOTHING,
  'prefill time': IN_ANSWERS,
  'decode time': IN_ANSWERS,
  'generated tokens': IN_ANSWERS,
}

/** Ollama tells which models it holds, and how much of them lies in GPU memory: a model unloaded midway shows. */
export const ollamaMetrics: EngineMetrics = {
  engine: 'ollama',
  offers: OFFERS,
  exposes: false,
  sources: [PS],
  turnOn: 'it has none; /api/ps tells which models are loaded',
  notes: [],
  recognises: () => false,
  read: (_exposition, beside) => {
    const page = beside?.get(PS)
    if (page === undefined) return {}
    const models = listAt(page, 'models')
    return {
      gauges: present({
        modelsLoaded: models.length,
        modelBytes: sumAt(models, 'size'),
        modelGpuBytes: sumAt(models, 'size_vram'),
      }),
    }
  },
  facts: () => ({}),
}
