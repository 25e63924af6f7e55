import type { EngineKind } from '../contract.js'
import { commandKind } from './command/index.js'
import { llamacppKind } from './llamacpp/index.js'
import { ollamaKind } from './ollama/index.js'
import { sglangKind } from './sglang/index.js'
import { simulatorKind } from './simulator/index.js'
import { tgiKind } from './tgi/index.js'
import { vllmKind } from './vllm/index.js'

/** One folder each. */
const KINDS: readonly EngineKind[] = [
  simulatorKind,
  vllmKind,
  sglangKind,
  tgiKind,
  llamacppKind,
  ollamaKind,
  commandKind,
]

/** @throws when there is no such folder; the profile's schema lets no such name through. */
export function engineKind(name: string): EngineKind {
  const kind = KINDS.find((candidate) => candidate.kind === name)
  if (!kind) throw new Error(`no engine of kind ${name}`)
  return kind
}
