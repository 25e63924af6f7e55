import { runDemo } from '../../experiment/index.js'
import { commandLine, exitCodeOf, finish, newFolder } from '../finish.js'
import { watchInterruption } from '../interruption.js'
import type { DemoArguments } from '../options.js'
import { createProgress } from '../progress.js'

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
  const findings = await finish({ folder, out: argv.out ?? 'reports/demo.html', format: argv.format })
  interruption.release()
  process.exitCode = exitCodeOf(findings, interruption.soon.aborted)
}
