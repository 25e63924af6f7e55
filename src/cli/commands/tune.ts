import { EXIT, type ExitCode, FalloffError, type Problem, UsageError } from '../../base/index.js'
import { tuneEngine } from '../../experiment/index.js'
import type { TuneManifest } from '../../record/index.js'
import { consentFrom } from '../consent.js'
import { commandLine, newFolder } from '../finish.js'
import { watchInterruption } from '../interruption.js'
import { layoutWidth } from '../layout.js'
import type { TuneArguments } from '../options/measure.js'
import { createProgress } from '../progress.js'
import { lastOfEach, profileFrom } from '../settings.js'
import { writeTuneReport } from '../tune-report.js'
import { tuneText } from '../tune-text.js'

export async function tuneCommand(given: TuneArguments): Promise<void> {
  const argv = lastOfEach(given)
  const numbers = numbersFrom(argv)
  // `--rate` is the load tried first, and for the goal p99 the one that everything is measured at.
  const profile = profileFrom(withBound(argv))
  const progress = createProgress()
  const listener = progress.lane(0)
  const interruption = watchInterruption()
  try {
    const { folder, manifest } = await tuneEngine({
      ...{ profile, vary: argv.vary, goal: argv.goal, ratePerS: argv.rate, plan: argv.plan, ...numbers },
      ...{ results: argv.results, fresh: newFolder(argv.results, profile.name), resume: argv.resume },
      ...{ command: commandLine(), listener, interruption, consent: consentFrom(argv, progress.close) },
    })
    progress.close()
    process.stdout.write(
      argv.format === 'json'
        ? `${JSON.stringify(manifest, null, 2)}\n`
        : `${tuneText(manifest, layoutWidth(process.stdout))}\n`,
    )
    const { path } = await writeTuneReport(folder, argv.out)
    process.stderr.write(`\nrecords  ${folder}\nreport   ${path}\n`)
    if (manifest.stopReason === 'no-start') throw noStart(manifest)
    process.exitCode = exitCodeOf(manifest)
  } finally {
    progress.close()
    interruption.release()
  }
}

/** A search sizes its trials by itself: without any bound it needs none from the user. */
const withBound = (argv: TuneArguments): TuneArguments =>
  argv.profile !== undefined || argv.requests !== undefined || argv.duration !== undefined
    ? argv
    : { ...argv, requests: 100 }

function numbersFrom({ budgetMinutes, usdPerHour }: TuneArguments) {
  const problems: Problem[] = []
  const above0 = (flag: string, text: string | undefined): number | undefined => {
    if (text === undefined) return undefined
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (!(value > 0 && Number.isFinite(value)))
      problems.push({ place: flag, message: `expected a number above 0, such as 30; got ${text}` })
    return value
  }
  const minutes = above0('--budget-minutes', budgetMinutes)
  const usdPerEngineHour = above0('--usd-per-hour', usdPerHour)
  if (problems.length > 0) throw new UsageError(problems)
  return { budgetS: minutes === undefined ? null : minutes * 60, usdPerEngineHour }
}

function noStart({ settings }: TuneManifest): FalloffError {
  const failed = settings.flatMap((s) => s.starts).find((s) => s.kind === 'failed')
  const message = failed?.kind === 'failed' ? failed.message : 'the engine did not start'
  const hint = failed?.kind === 'failed' ? failed.hint : undefined
  return new FalloffError('ENGINE_START', message, hint === undefined ? {} : { hint })
}

function exitCodeOf({ stopReason, result }: TuneManifest): ExitCode {
  if (stopReason === 'interrupted') return EXIT.interrupted
  return result?.answer === 'no-answer' || result?.answer === 'not-told-apart' ? EXIT.inconclusive : EXIT.done
}
