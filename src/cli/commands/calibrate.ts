import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { EXIT, type ExitCode, type Problem, UsageError } from '../../base/index.js'
import { type CalibrateOptions, calibrate, writeCalibration } from '../../experiment/index.js'
import { type Calibration, writeJsonFile } from '../../record/index.js'
import { commandLine, newFolder } from '../finish.js'
import { watchInterruption } from '../interruption.js'
import { type CalibrateArguments, DEFAULT_BOUND_MS } from '../options/instrument.js'
import { createProgress } from '../progress.js'
import { lastOfEach } from '../settings.js'

export async function calibrateCommand(given: CalibrateArguments): Promise<void> {
  const argv = lastOfEach(given)
  const asked = askedFrom(argv)
  const folder = argv.results === undefined ? undefined : newFolder(argv.results, 'calibration')
  const progress = createProgress()
  const interruption = watchInterruption()
  const calibration = await calibrate({
    ...asked,
    ...(folder !== undefined && { folder }),
    command: commandLine(),
    listener: progress.lane(0),
    interruption,
  })
  progress.close()
  const interrupted = interruption.soon.aborted
  interruption.release()
  // Half a calibration would tell later runs that they can carry less than they can.
  const store = !interrupted && (argv.store ?? isWhole(asked))
  const files = [
    ...(folder === undefined ? [] : [['records', keep(calibration, folder)] as const]),
    ...(store ? [['stored', writeCalibration(calibration)] as const] : []),
    ['report', await show(calibration, argv)] as const,
  ]
  process.stderr.write(`\n${files.map(([name, path]) => `${name.padEnd(9)}${path}\n`).join('')}`)
  process.exitCode = exitCode(calibration, interrupted)
}

type Asked = Omit<CalibrateOptions, 'folder' | 'command' | 'listener' | 'interruption'>

/** @throws UsageError with every problem */
function askedFrom(argv: CalibrateArguments): Asked {
  const problems: Problem[] = []
  const number = (flag: string, word: string, fits: (value: number) => boolean, expected: string): number => {
    const value = word.trim() === '' ? Number.NaN : Number(word)
    if (!fits(value)) problems.push({ place: flag, message: `expected ${expected}; got ${word}` })
    return value
  }
  const seconds = argv.seconds ?? (argv.quick ? '1' : '4')
  const streams = argv.streams === undefined ? undefined : streamsFrom(argv.streams, problems)
  const asked: Asked = {
    transport: argv.transport,
    quick: argv.quick,
    seconds: number(
      '--seconds',
      seconds,
      (n) => n >= 1 && n <= MOST_SECONDS,
      `a number from 1 to ${MOST_SECONDS}`,
    ),
    boundMs: number('--bound', argv.bound, (n) => n > 0 && Number.isFinite(n), 'a number of ms above 0'),
    workers: number(
      '--workers',
      argv.workers,
      (n) => Number.isInteger(n) && n >= 1 && n <= 64,
      'a whole number from 1 to 64',
    ),
    ...(streams && { streams }),
  }
  if (problems.length > 0) throw new UsageError(problems)
  return asked
}

/** The series without a word about it: what a part of it, or another bound, found would bind later runs without reason. */
export const isWhole = ({ transport, streams, quick, boundMs }: Asked): boolean =>
  transport === 'both' && streams === undefined && !quick && boundMs === Number(DEFAULT_BOUND_MS)

/** Every chunk of a point is held in memory for the join. */
const MOST_SECONDS = 60
const MOST_STREAMS = 100_000

/** `1,50,256`: each once, ascending. */
function streamsFrom(text: string, problems: Problem[]): readonly number[] {
  const streams = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  if (!streams.every((n) => Number.isInteger(n) && n >= 1 && n <= MOST_STREAMS)) {
    const message = `expected whole numbers from 1 to ${MOST_STREAMS} with commas between them; got ${text}`
    problems.push({ place: '--streams', message })
  }
  return [...new Set(streams)].sort((a, b) => a - b)
}

function keep(calibration: Calibration, folder: string): string {
  writeJsonFile(join(folder, 'calibration.json'), calibration)
  return folder
}

/** Prints the result and writes the page. @returns the path of the page */
async function show(calibration: Calibration, { out, format }: CalibrateArguments): Promise<string> {
  const { renderCalibration, renderCalibrationText } = await import('../../report/index.js')
  process.stdout.write(
    format === 'json' ? `${JSON.stringify(calibration, null, 2)}\n` : renderCalibrationText(calibration),
  )
  mkdirSync(dirname(out), { recursive: true })
  writeFileSync(out, await renderCalibration(calibration))
  return out
}

/** Invalid where no load at all stays within the bound. */
function exitCode({ bounds }: Calibration, interrupted: boolean): ExitCode {
  if (interrupted) return EXIT.interrupted
  return Object.values(bounds).some(({ streams }) => streams > 0) ? EXIT.done : EXIT.invalid
}
