import { type Problem, UsageError } from '../../base/index.js'
import { parseSetting } from '../../profile/index.js'
import { runSimulateCommand } from '../../simulate/index.js'
import type { SimulateArguments } from '../options/targets.js'

export async function simulateCommand(argv: SimulateArguments): Promise<void> {
  process.exitCode = await runSimulateCommand({
    description: argv.engine,
    host: argv.host,
    port: argv.port,
    set: settingsFrom(argv.set ?? []),
    faults: argv.fault ?? [],
    sendLog: argv.sendLog,
    withParent: argv.withParent,
  })
  // Connections that clients keep open must not keep the process.
  process.exit()
}

function settingsFrom(texts: readonly string[]): Record<string, string | number | boolean> {
  const problems: Problem[] = []
  const settings: Record<string, string | number | boolean> = {}
  for (const text of texts) {
    const parsed = parseSetting(text)
    if ('message' in parsed) problems.push(parsed)
    else settings[parsed.path] = parsed.value as string | number | boolean
  }
  if (problems.length > 0) throw new UsageError(problems)
  return settings
}
