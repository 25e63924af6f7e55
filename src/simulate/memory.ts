import { kvBytesPerToken, type StepTimeSettings } from './step-time.js'

const GIB = 2 ** 30

export interface MemorySettings {
  readonly model: StepTimeSettings['model']
  /** As the device reports it, which is less than the number on the box. */
  readonly gpu: { readonly memoryGiB: number }
  readonly memory: {
    /** Peak of activations while profiling with a full token budget. */
    readonly activationGiB: number
    /** CUDA context, NCCL buffers and the like. */
    readonly otherGiB: number
  }
  readonly scheduler: {
    readonly gpuMemoryUtilization: number
    readonly blockSize: number
    readonly numGpuBlocksOverride?: number | undefined
  }
}

/** Bytes left for the KV cache once weights, activations and the rest have taken theirs; negative when they do not fit. */
export function kvCacheBytes({ model, gpu, memory, scheduler }: MemorySettings): number {
  const usableGiB = gpu.memoryGiB * scheduler.gpuMemoryUtilization
  return (usableGiB - memory.activationGiB - memory.otherGiB) * GIB - model.weightBytes
}

/** Blocks of the KV cache, the reserved null block included. */
export function gpuBlocks(settings: MemorySettings): number {
  const { numGpuBlocksOverride, blockSize } = settings.scheduler
  return (
    numGpuBlocksOverride ?? Math.floor(kvCacheBytes(settings) / (kvBytesPerToken(settings.model) * blockSize))
  )
}
