import type { EngineChoice } from './contract.js'

/** Engines that are Python programs of thousands of modules. */
const IN_PYTHON: readonly string[] = ['vllm', 'sglang', 'tgi']

/** Keeps Python from writing down what it has compiled. */
export const NO_BYTECODE = 'PYTHONDONTWRITEBYTECODE'

/**
 * Whether the engine's Python compiles every module anew at each start, which doubles the time that a start takes, as far as
 * the environment that it gets from here tells. Images and other machines have one of their own.
 */
export function compilesAnew(
  { kind, place, env }: Pick<EngineChoice, 'kind' | 'place' | 'env'>,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): boolean {
  const own = place.kind === 'local' ? environment : {}
  return IN_PYTHON.includes(kind) && Boolean({ ...own, ...env }[NO_BYTECODE])
}
