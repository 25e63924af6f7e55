import type { CauseRule } from '../../contract.js'

export const OLLAMA_CAUSES: readonly CauseRule[] = [
  {
    cause: 'missing-model',
    pattern: /model ["']?([^"']+?)["']? not found/,
    says: 'it has no model $1',
    wayOut:
      'Fetch it (`ollama pull $1`) into the folder that OLLAMA_MODELS names; `ollama list` tells what is there.',
  },
  {
    cause: 'out-of-memory',
    pattern: /model requires more (?:system )?memory(?: \(([^)]+)\) than is available \(([^)]+)\))?/,
    says: 'the model needs more memory than there is: $1, and $2 are free',
    wayOut:
      'Lower contextLength or numParallel (the KV cache is their product), or set a smaller kvCacheType.',
  },
  {
    cause: 'out-of-memory',
    pattern:
      /llama runner process (?:has terminated: .*(?:signal: killed|out of memory)|no longer running: -?\d+ .*out of memory)/,
    says: 'its runner was ended when memory ran out',
    wayOut: 'Lower contextLength or numParallel, or take a smaller model.',
  },
  {
    cause: 'bad-flag',
    pattern: /msg="(?:unsupported OLLAMA_KV_CACHE_TYPE|kv cache type not supported by model)" type=(\S+)/,
    says: 'it does not take the KV cache type $1',
    wayOut: 'Set kvCacheType to f16, q8_0 or q4_0; the last two need flashAttention.',
  },
  {
    cause: 'bad-flag',
    pattern: /msg="invalid environment variable, using default" key=(\w+) value=(\S+)/,
    says: 'it does not understand $1=$2',
    wayOut: 'Correct engine.settings or engine.env; `ollama serve --help` lists what this version takes.',
  },
  {
    cause: 'bad-flag',
    pattern: /Error: (?:unknown flag: (.+)|unknown command (.+) for "ollama")/,
    says: 'it does not know $1$2',
    wayOut:
      'Correct engine.args: Ollama takes its settings from the environment (engine.settings, engine.env).',
  },
]
