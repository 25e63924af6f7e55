import type { Place } from '../../contract.js'
import { watchGpuMemory } from './gpu-memory.js'
import { runGuarded } from './guarded.js'
import { runPlain } from './plain.js'
import { freePort } from './port.js'

/** This machine, on loopback. */
export const localPlace: Place = {
  kind: 'local',
  obstacle: async () => undefined,
  listen: async ({ port = 0 }) => ({ host: '127.0.0.1', port: await freePort(port) }),
  async start({ stopTimeoutS }, command, output) {
    if (command.endsWithParent) {
      const { ended, end } = runPlain(command, stopTimeoutS, output)
      return { url: urlOf(command.port), ended, stop: end }
    }
    const memory = await watchGpuMemory()
    const { ended, end } = runGuarded(command, stopTimeoutS, output)
    let stopped: Promise<void> | undefined
    const stop = async (): Promise<void> => {
      await end()
      const note = await memory.untilReleased()
      if (note !== undefined) output.onNote(note)
    }
    return {
      url: urlOf(command.port),
      ended,
      stop() {
        stopped ??= stop()
        return stopped
      },
    }
  },
}

const urlOf = (port: number): string => `http://127.0.0.1:${port}`
