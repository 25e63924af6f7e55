import type { EngineKind } from '../../contract.js'
import { flagsOf } from '../../settings.js'
import { LLAMACPP_CAUSES } from './causes.js'
import { createLlamacppReader } from './log.js'
import { LLAMACPP_SETTINGS } from './settings.js'

/** llama.cpp, by `llama-server`. The model is the path of a GGUF file. */
export const llamacppKind: EngineKind = {
  kind: 'llamacpp',
  title: 'llama.cpp',
  settings: LLAMACPP_SETTINGS,
  command({ model, command, args }, settings, { host, port }) {
    const program = command.length > 0 ? command : ['llama-server']
    // Without the flag it has no /metrics, and with it what falloff watches beside the load.
    const own = ['--model', model, '--host', host, '--port', String(port), '--metrics']
    return {
      words: [...program, ...own, ...flagsOf(LLAMACPP_SETTINGS, settings), ...args],
      env: {},
      readyPath: '/health',
      port,
      imageBrings: command.length > 0 ? 0 : 1,
    }
  },
  createReader: createLlamacppReader,
  causes: LLAMACPP_CAUSES,
}
