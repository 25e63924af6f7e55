import type { EngineKind, EngineSettings } from '../../contract.js'
import { OLLAMA_CAUSES } from './causes.js'
import { createOllamaReader } from './log.js'
import { OLLAMA_SETTINGS } from './settings.js'

/**
 * Ollama, by `ollama serve`. It serves at once and loads the model at the first request: only when that is answered is it
 * ready. A model that nobody asks for leaves memory again after five minutes, so it is told to stay.
 */
export const ollamaKind: EngineKind = {
  kind: 'ollama',
  title: 'Ollama',
  settings: OLLAMA_SETTINGS,
  command({ model, command, args }, settings, { host, port }) {
    const program = command.length > 0 ? command : ['ollama', 'serve']
    return {
      words: [...program, ...args],
      env: { OLLAMA_HOST: `${host}:${port}`, OLLAMA_KEEP_ALIVE: '-1', ...variablesOf(settings) },
      readyPath: '/api/version',
      port,
      // Without a prompt it only brings the model into memory.
      firstRequest: { path: '/api/generate', body: { model, stream: false } },
      imageBrings: command.length > 0 ? 0 : 1,
    }
  },
  createReader: createOllamaReader,
  causes: OLLAMA_CAUSES,
}

const variablesOf = (settings: EngineSettings): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(OLLAMA_SETTINGS).flatMap(([name, { flag }]) => {
      const value = settings[name]
      return value === undefined ? [] : [[flag, String(value)]]
    }),
  )
