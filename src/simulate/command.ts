import { EXIT } from '../base/index.js'
import { loadDescription, type Overrides } from './description.js'
import { parseFaults } from './faults.js'
import { startSimulator } from './server.js'

/** What `falloff simulate` was asked for. */
export interface SimulateOptions {
  /** A name under `profiles/engines`, or a YAML file. */
  readonly description: string
  readonly host: string
  readonly port: number
  readonly set: Overrides
  readonly faults: readonly string[]
  readonly sendLog?: string | undefined
  /** Ends the server when the process that started it is gone. */
  readonly withParent?: boolean | undefined
}

const PARENT_CHECK_MS = 500

/**
 * Runs a simulated server until SIGINT, SIGTERM or, with `withParent`, the parent's death. Prints `listening on <url>` on
 * stdout once it can be reached, and the engine's capacity on stderr. Resolves to the exit code.
 *
 * @throws UsageError when the description, a setting or a fault cannot be used
 * @throws FalloffError when the port cannot be had
 */
export async function runSimulateCommand(options: SimulateOptions): Promise<number> {
  const { host, port, sendLog } = options
  const description = loadDescription(options.description, options.set)
  const faults = parseFaults(options.faults)
  const onLogLine = (line: string) => void process.stderr.write(`${line}\n`)
  const simulator = await startSimulator({ description, host, port, faults, sendLog, onLogLine })
  process.stdout.write(`listening on ${simulator.url}\n`)
  await stopAsked(options.withParent ?? false)
  await simulator.close()
  return EXIT.done
}

function stopAsked(withParent: boolean): Promise<void> {
  return new Promise((resolve) => {
    const parent = process.ppid
    const check = withParent
      ? setInterval(() => process.ppid !== parent && stop(), PARENT_CHECK_MS)
      : undefined
    const stop = () => {
      clearInterval(check)
      process.off('SIGINT', onInterrupt)
      process.off('SIGTERM', stop)
      resolve()
    }
    // Ctrl-C reaches every process of the terminal; what to do of it is then the parent's to say.
    const onInterrupt = withParent ? () => undefined : stop
    process.on('SIGINT', onInterrupt)
    process.on('SIGTERM', stop)
  })
}
