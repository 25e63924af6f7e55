import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import type { EngineKind } from '../../contract.js'
import { flagsOf } from '../../settings.js'
import { forecastCapacity, readModelShape } from './capacity.js'
import { VLLM_CAUSES } from './causes.js'
import { createVllmReader } from './log.js'
import { VLLM_SETTINGS } from './settings.js'

/** `vllm serve`, of release 0.9 and later. */
export const vllmKind: EngineKind = {
  kind: 'vllm',
  title: 'vLLM',
  settings: VLLM_SETTINGS,
  command({ command, model, args }, settings, { host, port }) {
    const program = command.length === 0 ? ['vllm'] : command
    // Clients name the model; a folder of this machine is no name.
    const name = existsSync(model) ? { servedModelName: basename(model) } : {}
    return {
      words: [
        ...[...program, 'serve', model, '--host', host, '--port', String(port)],
        ...flagsOf(VLLM_SETTINGS, { ...name, ...settings }),
        ...args,
      ],
      env: {},
      readyPath: '/health',
      port,
      // vllm/vllm-openai begins with `vllm serve`; a second `serve` would be refused.
      imageBrings: command.length > 0 ? 0 : 2,
    }
  },
  createReader: createVllmReader,
  causes: VLLM_CAUSES,
  forecast({ model }, settings, facts) {
    const shape = readModelShape(model)
    return shape && forecastCapacity(shape, settings, facts)
  },
}
