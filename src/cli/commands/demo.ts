import { EXIT } from '../../base/index.js'
import { runDemo } from '../../experiment/index.js'
import { commandLine, finish, newFolder } from '../finish.js'
import { watchInterruption } from '../interruption.js'
import type { DemoArguments } from '../options/measure.js'
import { createProgress } from '../progress.js'

/**
 * Shows falloff on the machine at hand, whatever else that machine does. One too busy to measure on is told in the text and in
 * the report (INVALID), and is no failure of the demo: nothing is gated by it.
 */
export async function demoCommand(argv: DemoArguments): Promise<void> {
  const progress = createProgress()
  const interruption = watchInterruption()
  const folder = newFolder(argv.results, 'demo')
  await runDemo({
    folder,
    command: commandLine(),
    listenerOf: progress.lane,
    interruption,
  })
  progress.close()
  await finish({ folder, out: argv.out ?? 'reports/demo.html', format: argv.format })
  interruption.release()
  process.exitCode = interruption.soon.aborted ? EXIT.interrupted : EXIT.done
}
