import type { Figure, FigureValue, PointFigures, RunFigures } from '../../src/record/index.js'

/** Figures of a run, given as plain values; an interval of one percent around each unless told otherwise. */
export function runOf(
  figures: Readonly<Record<string, FigureValue | Figure>>,
  rest: Partial<RunFigures> & { readonly judged?: number } = {},
): RunFigures {
  const { judged, ...fields } = rest
  return {
    format: 1,
    kind: 'figures',
    tool: { name: 'falloff', version: '0.1.0' },
    run: 'chat-20261121-143005',
    name: 'chat',
    unit: 'run',
    startedAtUtc: '2026-11-21T14:30:05.000Z',
    workloadHash: 'a'.repeat(64),
    place: {
      node: 'v20.20.0',
      platform: 'linux 6.1 x64',
      cpuModel: 'A processor',
      cpus: 8,
      memoryBytes: 2 ** 35,
      fingerprint: '0123456789ab',
    },
    target: {
      url: 'http://127.0.0.1:8000',
      api: 'openai-chat',
      model: 'mistral-7b',
      engine: 'vllm',
      version: '0.32.0',
      transport: 'kernel',
      tokenSource: 'usage',
    },
    validity: { verdict: 'VALID', codes: [] },
    points: [pointOf('run', figures, judged)],
    overall: {},
    ...fields,
  }
}

export function pointOf(
  label: string,
  figures: Readonly<Record<string, FigureValue | Figure>>,
  judged = 1000,
): PointFigures {
  return {
    label,
    axes: {},
    states: { completed: judged },
    judged,
    failed: 0,
    failures: [],
    figures: Object.fromEntries(Object.entries(figures).map(([key, value]) => [key, figureOf(value)])),
    curves: {},
  }
}

function figureOf(value: FigureValue | Figure): Figure {
  if (typeof value === 'object') return value
  if (value === 'endless') return { value, low: null, high: value }
  return { value, low: value * 0.99, high: value * 1.01 }
}
