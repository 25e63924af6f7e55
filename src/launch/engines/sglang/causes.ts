import type { CauseRule } from '../../contract.js'

export const SGLANG_CAUSES: readonly CauseRule[] = [
  {
    cause: 'kv-too-small',
    pattern: /Not enough memory\. Please try to increase --mem-fraction-static/,
    says: 'beside the weights no memory is left for the KV cache',
    wayOut: 'Raise memFractionStatic, or serve a smaller or quantised model, or spread it over more GPUs.',
  },
  {
    cause: 'out-of-memory',
    pattern: /Capture cuda graph failed|CUDA error: out of memory/i,
    says: 'GPU memory ran out beside weights and KV cache',
    wayOut: 'Lower memFractionStatic or cudaGraphMaxBs, or set disableCudaGraph.',
  },
  {
    cause: 'missing-model',
    pattern: /Can't load (?:the )?(?:configuration|config) (?:of|for) '([^']+)'|Unrecognized model in (\S+)/,
    says: 'it cannot load the model $1$2',
    wayOut: 'Check engine.model: a folder with a config.json, or a name that it can fetch.',
  },
  {
    cause: 'not-installed',
    pattern: /No module named '?sglang/,
    says: 'this Python has no SGLang',
    wayOut:
      'Install it (`pip install sglang`), or name a Python that has it: engine.command: [/path/to/python, -m, sglang.launch_server].',
  },
  {
    cause: 'bad-flag',
    pattern: /launch_server\.py: error: (.+)/,
    says: 'it does not take a flag: $1',
    wayOut:
      'Correct engine.settings or engine.args; `python -m sglang.launch_server --help` lists what this version takes.',
  },
]
