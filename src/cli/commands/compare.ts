import { comparisonOfResults } from '../../analyse/index.js'
import { EXIT, FalloffError, type Problem, UsageError } from '../../base/index.js'
import { type Axis, measureComparison, parseAxis } from '../../experiment/index.js'
import type { CompareManifest } from '../../record/index.js'
import { estimateText } from '../compare/estimate.js'
import { compareExit, findingsIn, finishComparison, hasBlock } from '../compare/finish.js'
import { measuringFlags, planFrom, standardGated, termsFrom } from '../compare/plan.js'
import { type GivenSides, sidesFrom } from '../compare/sides.js'
import { consentFrom } from '../consent.js'
import { commandLine, newFolder } from '../finish.js'
import { watchInterruption } from '../interruption.js'
import type { CompareArguments } from '../options/compare.js'
import { createProgress } from '../progress.js'
import { lastOfEach } from '../settings.js'

export async function compareCommand(given: CompareArguments): Promise<void> {
  const argv = lastOfEach(given)
  const problems: Problem[] = []
  const sides = sidesFrom(argv, problems)
  if (sides?.kind === 'measure') return measure(argv, sides, problems)
  if (sides === undefined) {
    // All that is wrong at once: the flags too.
    planFrom(argv, problems)
    axesFrom(argv.over, problems)
  } else problems.push(...measuringFlags(argv))
  const standard = standardGated(null, true)
  const terms = termsFrom(argv, standard, problems)
  if (sides?.kind === 'comparison') problems.push(...settled(argv))
  if (problems.length > 0 || sides === undefined) throw new UsageError(problems)
  const findings =
    sides.kind === 'comparison'
      ? await findingsIn(sides.folder, terms.allowed)
      : await comparisonOfResults(sides.sides, terms)
  await finishComparison(findings, argv)
  process.exitCode = compareExit(findings, argv.inconclusive, false)
}

/** What is judged by is set before measuring, not after having seen what came out. */
const settled = ({ gated, margin = [] }: CompareArguments): readonly Problem[] =>
  [...(gated === undefined ? [] : ['--gated']), ...margin.map((text) => `--margin ${text}`)].map((place) => ({
    place,
    message:
      'was set before measuring, and is kept in compare.json; to judge by another, give the folders of its runs side by side',
  }))

type Measured = Extract<GivenSides, { readonly kind: 'measure' }>

async function measure(argv: CompareArguments, { sides }: Measured, problems: Problem[]): Promise<void> {
  const axes = axesFrom(argv.over, problems)
  const plan = planFrom(argv, problems)
  const terms = termsFrom(argv, standardGated(sides, axes.length > 0), problems)
  if (problems.length > 0) throw new UsageError(problems)
  const name = argv.name ?? sides.map((side) => side.name).join('-vs-')
  const progress = createProgress()
  const listener = progress.lane(0)
  const interruption = watchInterruption()
  try {
    const { folder, manifest } = await measureComparison({
      ...{ name, sides, axes, plan, ...terms, resume: argv.resume, keepEngines: argv.keepEngines },
      ...{ folder: newFolder(argv.results, name), command: commandLine(), listener, interruption },
      consent: consentFrom(argv, progress.close),
      onEstimate: (findings, blockS) => listener.onNote(estimateText(findings, blockS)),
    })
    progress.close()
    await conclude(folder, manifest, argv)
  } finally {
    progress.close()
    interruption.release()
  }
}

async function conclude(folder: string, manifest: CompareManifest, argv: CompareArguments): Promise<void> {
  const { stopReason } = manifest
  const interrupted = stopReason === 'interrupted'
  if (hasBlock(manifest)) {
    const findings = await findingsIn(folder, [])
    await finishComparison(findings, argv)
    process.exitCode = compareExit(findings, argv.inconclusive, interrupted)
  }
  process.stderr.write(`records  ${folder}\n`)
  if (stopReason === 'interrupted' || stopReason === 'target-lost')
    process.stderr.write(`go on    the same command with --resume ${folder}\n`)
  if (stopReason === 'target-lost')
    throw new FalloffError(
      'TARGET_LOST',
      'a target stopped answering; the run during which it did is not counted',
    )
  if (hasBlock(manifest)) return
  if (!interrupted)
    throw new FalloffError('BUDGET', 'the budget ended before every side was measured once', {
      hint: 'Raise it, or measure less: --requests, --duration.',
    })
  process.exitCode = EXIT.interrupted
}

function axesFrom(texts: readonly string[] = [], problems: Problem[]): readonly Axis[] {
  return texts.map(parseAxis).flatMap((parsed) => {
    if (!('message' in parsed)) return [parsed]
    problems.push(parsed)
    return []
  })
}
