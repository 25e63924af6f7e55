import type { Interruption } from '../experiment/index.js'

/** Ctrl-C once: let open requests end and report what there is. Twice: end now. Three times: leave at once. */
export function watchInterruption(): Interruption & { release(): void } {
  const soon = new AbortController()
  const now = new AbortController()
  const onSignal = (): void => {
    if (now.signal.aborted) process.exit(130)
    if (soon.signal.aborted) {
      process.stderr.write('\nending now\n')
      now.abort()
      return
    }
    process.stderr.write('\nstopping: open requests may finish; press Ctrl-C again to end now\n')
    soon.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return {
    soon: soon.signal,
    now: now.signal,
    release() {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    },
  }
}
