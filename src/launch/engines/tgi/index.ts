import type { EngineKind } from '../../contract.js'
import { flagsOf } from '../../settings.js'
import { TGI_CAUSES } from './causes.js'
import { createTgiReader } from './log.js'
import { TGI_SETTINGS } from './settings.js'

/** Text Generation Inference, by `text-generation-launcher`. */
export const tgiKind: EngineKind = {
  kind: 'tgi',
  title: 'TGI',
  settings: TGI_SETTINGS,
  command({ model, command, args }, settings, { host, port }) {
    const program = command.length > 0 ? command : ['text-generation-launcher']
    const own = ['--model-id', model, '--hostname', host, '--port', String(port)]
    return {
      words: [...program, ...own, ...flagsOf(TGI_SETTINGS, settings), ...args],
      env: {},
      readyPath: '/health',
      port,
      imageBrings: command.length > 0 ? 0 : 1,
    }
  },
  createReader: createTgiReader,
  causes: TGI_CAUSES,
}
