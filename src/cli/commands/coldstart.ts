import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { EXIT, FalloffError, type Problem, UsageError } from '../../base/index.js'
import { measureColdStarts } from '../../experiment/index.js'
import { type ColdStartReport, RUN_FILES, writeJsonFile } from '../../record/index.js'
import { coldStartText } from '../coldstart-text.js'
import { consentFrom } from '../consent.js'
import { commandLine, newFolder } from '../finish.js'
import { watchInterruption } from '../interruption.js'
import { layoutWidth } from '../layout.js'
import { numbersFrom } from '../numbers.js'
import type { ColdStartArguments } from '../options/measure.js'
import { createProgress } from '../progress.js'
import { lastOfEach, profileFrom } from '../settings.js'

export async function coldstartCommand(given: ColdStartArguments): Promise<void> {
  const argv = lastOfEach(given)
  const { settleS, ...asked } = askedFrom(argv)
  // What bounds a run does not bound a start: the load lasts until it is seen to be steady.
  const profile = profileFrom({ ...argv, duration: settleS })
  const folder = newFolder(argv.results, `${profile.name}-coldstart`)
  const progress = createProgress()
  const interruption = watchInterruption()
  try {
    const report = await measureColdStarts({
      ...{ ...asked, profile, settleS, folder, interruption },
      dropPageCache: argv.dropPageCache,
      scaleOut: argv.scaleOut,
      command: commandLine(),
      listener: progress.lane(0),
      consent: consentFrom(argv, progress.close),
    })
    progress.close()
    const files = await show(report, folder, argv)
    process.stderr.write(`\n${files.map(([name, path]) => `${name.padEnd(9)}${path}\n`).join('')}`)
    process.exitCode = exitCode(report)
  } catch (thrown) {
    if (!(thrown instanceof FalloffError && thrown.code === 'INTERRUPTED')) throw thrown
    process.stderr.write(`${thrown.message}\n`)
    process.exitCode = EXIT.interrupted
  } finally {
    progress.close()
    interruption.release()
  }
}

const MOST_REPEATS = 100
const MOST_SETTLE_S = 3_600
const MOST_USD = 1e6

/** @throws UsageError with every problem */
function askedFrom(argv: ColdStartArguments) {
  const problems: Problem[] = []
  const numbers = numbersFrom(problems)
  const price = (flag: string, text: string | undefined): number | undefined =>
    text === undefined ? undefined : numbers.any(flag, text, 0, MOST_USD)
  const usdPerHour = price('--usd-per-hour', argv.usdPerHour)
  const rest = {
    usdPerMiss: price('--usd-per-miss', argv.usdPerMiss),
    startsPerDay: price('--starts-per-day', argv.startsPerDay),
  }
  for (const flag of Object.entries(rest).flatMap(([name, value]) => (value === undefined ? [] : name))) {
    if (usdPerHour !== undefined) continue
    const place = `--${flag.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`
    problems.push({ place, message: 'is set against what a warm replica costs: give --usd-per-hour too' })
  }
  const asked = {
    repeats: numbers.whole('--repeats', argv.repeats, 1, MOST_REPEATS),
    settleS: numbers.any('--settle', argv.settle, 1, MOST_SETTLE_S),
    prices: usdPerHour === undefined ? undefined : { usdPerHour, ...rest },
  }
  if (problems.length > 0) throw new UsageError(problems)
  return asked
}

/** Prints the result, and keeps it. @returns what was written, by name */
async function show(
  report: ColdStartReport,
  folder: string,
  { format, out }: ColdStartArguments,
): Promise<readonly (readonly [name: string, path: string])[]> {
  writeJsonFile(join(folder, RUN_FILES.coldstart), report)
  process.stdout.write(
    format === 'json' ? `${JSON.stringify(report, null, 2)}\n` : `${coldStartText(report, layoutWidth())}\n`,
  )
  const { renderColdStart } = await import('../../report/index.js')
  const page = out ?? join('reports', `${report.name}-coldstart.html`)
  mkdirSync(dirname(page), { recursive: true })
  writeFileSync(page, await renderColdStart(report))
  return [['records', folder] as const, ['report', page] as const]
}

const exitCode = ({ interrupted, figures }: ColdStartReport) => {
  if (interrupted) return EXIT.interrupted
  return figures === null ? EXIT.invalid : EXIT.done
}
