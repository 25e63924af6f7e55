import { fileURLToPath } from 'node:url'
import type { EngineKind } from '../../contract.js'
import { createLogReader } from '../../log-reader.js'

/** The command's own entry in the built package. */
const MAIN = fileURLToPath(new URL('../../../../dist/cli/main.js', import.meta.url))

/**
 * The embedded simulator. It leaves Ctrl-C to us and watches for our end, so it cannot outlive us and needs no guard. It stays
 * in our session, as every engine does.
 */
export const simulatorKind: EngineKind = {
  kind: 'simulator',
  title: 'the simulator',
  settings: 'any',
  command({ model }, settings, { host, port }) {
    const sets = Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`])
    const words = ['simulate', model, '--host', host, '--port', String(port), '--with-parent', ...sets]
    return {
      words: [process.execPath, MAIN, ...words],
      env: {},
      readyPath: '/health',
      port,
      endsWithParent: true,
    }
  },
  createReader: () => createLogReader([], []),
  causes: [],
}
