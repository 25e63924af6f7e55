import type { CauseRule, EngineKind, StartFailureCause } from './contract.js'

/** What any program may say, whichever engine it is. */
const GENERAL: readonly CauseRule[] = [
  {
    cause: 'not-installed',
    pattern: /could not be run: spawn (.+) (?:ENOENT|EACCES)$/,
    says: 'there is no program $1 that can be run',
    wayOut: 'Install it, or name the program by its path as engine.command.',
  },
  {
    cause: 'not-installed',
    pattern: /\bended with code 12[67]\b|: (?:command )?not found$/,
    says: 'its program is not installed',
    wayOut: 'Install it, or name the program by its path as engine.command.',
  },
  {
    cause: 'not-installed',
    pattern: /ModuleNotFoundError: No module named '([\w.]+)'/,
    says: 'its Python has no module $1',
    wayOut: 'Install the engine into that Python, or name another program as engine.command.',
  },
  {
    cause: 'out-of-memory',
    pattern: /CUDA out of memory|OutOfMemoryError|cudaErrorMemoryAllocation|HIP out of memory/i,
    says: 'the GPU has too little memory for it',
    wayOut:
      'Give it less to hold (a shorter context, a smaller batch, a smaller or quantised model), or free the GPU.',
  },
  {
    cause: 'out-of-memory',
    pattern: /\bMemoryError\b|std::bad_alloc|Cannot allocate memory|not enough memory|failed to allocate/i,
    says: 'the machine has too little memory for it',
    wayOut: 'Give it less to hold (a smaller KV cache, a smaller model), or free memory.',
  },
  {
    cause: 'out-of-memory',
    pattern: /\bwas ended by SIGKILL\b|\bended with code 137\b/,
    says: 'it was killed, as the system does when memory runs out',
    wayOut:
      'Look into the kernel’s log (dmesg) whether memory ran out; give the engine less to hold, or more memory.',
  },
  {
    cause: 'port-in-use',
    pattern: /address already in use|EADDRINUSE|Errno 98\b|couldn't bind HTTP server socket/i,
    says: 'another process listens on its port',
    wayOut: 'Name another as engine.port, or leave it out: falloff then picks one that is free.',
  },
  {
    cause: 'no-gpu',
    pattern:
      /No CUDA GPUs are available|Found no NVIDIA driver|no CUDA-capable device|CUDA driver version is insufficient|Torch not compiled with CUDA|Failed to infer device type|libcuda\.so/i,
    says: 'it finds no GPU that it can use',
    wayOut: 'Look at `nvidia-smi`; without a GPU use a build of the engine for CPUs.',
  },
  {
    cause: 'missing-model',
    pattern: /GatedRepoError|Access to model (\S+) is restricted|401 Client Error.*huggingface\.co/,
    says: 'the model is not open to everybody',
    wayOut: 'Ask for access on its page, and give a token: engine.env: { HF_TOKEN: "${HF_TOKEN}" }.',
  },
  {
    cause: 'missing-model',
    pattern:
      /HFValidationError: Repo id must be.*: '([^']+)'|LocalEntryNotFoundError|RepositoryNotFoundError|Repository Not Found|is not a valid model identifier|does not appear to have a file named config\.json|No such file or directory.*(?:\.gguf|\.safetensors|config\.json)/i,
    says: 'there is no such model, or it cannot be fetched',
    wayOut:
      'Check engine.model: a folder that exists, or a name that the engine can fetch (HF_HUB_OFFLINE keeps it from that).',
  },
  {
    cause: 'bad-flag',
    pattern: /unrecognized arguments?: (.+)|(?:unexpected|invalid|unknown) argument:? '?(-[^\s']+)/i,
    says: 'it does not know a flag: $1$2',
    wayOut: 'Correct engine.args; the engine’s own --help lists what this version takes.',
  },
]

/** Why an engine did not start, in words. */
export interface Diagnosis {
  readonly reason: StartFailureCause
  readonly says: string
  readonly wayOut: string
  /** The line that tells. */
  readonly line?: string
}

/** Holds every line against the rules of an engine and the general ones. The first by the order of the rules counts. */
export function createDiagnosis({ causes }: EngineKind): {
  line(text: string): void
  found(): Diagnosis | undefined
} {
  const rules = [...causes, ...GENERAL]
  let best = rules.length
  let found: Diagnosis | undefined
  return {
    line(text) {
      for (const [rank, rule] of rules.slice(0, best).entries()) {
        const match = rule.pattern.exec(text)
        if (!match) continue
        best = rank
        found = {
          reason: rule.cause,
          says: filled(rule.says, match),
          wayOut: filled(rule.wayOut, match),
          line: text,
        }
        return
      }
    },
    found: () => found,
  }
}

const filled = (text: string, match: RegExpExecArray): string =>
  text.replace(/\$(\d)/g, (_, group: string) => match[Number(group)]?.trim() ?? '')
