import type { EngineKind } from '../../contract.js'
import { flagsOf } from '../../settings.js'
import { SGLANG_CAUSES } from './causes.js'
import { createSglangReader } from './log.js'
import { SGLANG_SETTINGS } from './settings.js'

const PROGRAM = ['python3', '-m', 'sglang.launch_server']

/** SGLang, by `python3 -m sglang.launch_server`. */
export const sglangKind: EngineKind = {
  kind: 'sglang',
  title: 'SGLang',
  settings: SGLANG_SETTINGS,
  command({ model, command, args }, settings, { host, port }) {
    const program = command.length > 0 ? command : PROGRAM
    // Without the flag it has no /metrics, and with it what falloff watches beside the load.
    const own = ['--model-path', model, '--host', host, '--port', String(port), '--enable-metrics']
    return {
      words: [...program, ...own, ...flagsOf(SGLANG_SETTINGS, settings), ...args],
      env: {},
      readyPath: '/health',
      port,
    }
  },
  createReader: createSglangReader,
  causes: SGLANG_CAUSES,
}
