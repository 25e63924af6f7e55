import { gatesFrom, judgeResults, keep } from '../gates.js'
import type { GateArguments } from '../options/gates.js'

export async function gateCommand(argv: GateArguments): Promise<void> {
  const gates = await gatesFrom(argv)
  const { readResults } = await import('../../decide/index.js')
  const results = await readResults(argv.results)
  await keep(results, argv)
  process.exitCode = await judgeResults(results, gates, argv)
}
