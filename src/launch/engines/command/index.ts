import type { EngineKind } from '../../contract.js'
import { createLogReader } from '../../log-reader.js'

/** Any server that a command starts: `{port}` in its words becomes the port, `{host}` the address, `{model}` the model. */
export const commandKind: EngineKind = {
  kind: 'command',
  title: 'the command',
  settings: {},
  command({ command, args, model, readyPath = '/health' }, _settings, { host, port }) {
    const filled: Readonly<Record<string, string>> = { port: String(port), host, model }
    const words = [...command, ...args].map((word) =>
      word.replace(/\{(port|host|model)\}/g, (whole, name: string) => filled[name] ?? whole),
    )
    return { words, env: {}, readyPath, port }
  },
  createReader: () => createLogReader([], []),
  causes: [],
}
