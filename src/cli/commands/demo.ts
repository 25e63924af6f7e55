import { runDemo } from '../../experiment/index.js'
import { commandLine, exitCodeOf, finish, newFolder } from '../finish.js'
import { watchInterruption } from '../interruption.js'
import type { DemoArguments } from '../options.js'
import { createProgress } from '../progress.js'

export async function demoCommand(argv: DemoArguments): Promise<void> {
  const progress = createProgress()
  const interruption = watchInterruption()
  const { findings, folder } = await runDemo({
    folder: newFolder(argv.results, 'demo'),
    command: commandLine(),
    listenerOf: progress.lane,
    interruption,
  })
  progress.close()
  await finish({ folder, findings, out: argv.out ?? 'reports/demo.html', format: argv.format })
  interruption.release()
  process.exitCode = exitCodeOf(findings, interruption.soon.aborted)
}
