import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type ComparisonFindings, levelPerLook } from '../../analyse/index.js'
import { type Problem, UsageError, usageError } from '../../base/index.js'
import type { Profile } from '../../profile/index.js'
import {
  type CompareManifest,
  type ComparePlan,
  RUN_FILES,
  readJsonFile,
  writeJsonFile,
} from '../../record/index.js'
import { type Axis, isEngineAxis, loadAxis } from '../axes.js'
import type { RunListener } from '../listener.js'
import { TOOL_VERSION, workloadHash } from '../machine.js'
import { assertTransport } from '../plan.js'
import type { Interruption } from '../run.js'
import type { Consent } from '../spending.js'
import { measureBlocks } from './blocks.js'
import { type CompareHead, openCompareJournal } from './journal.js'
import { createKnownFigures, createLiveJudge } from './judge.js'
import { looksOf } from './looks.js'
import { createPurse } from './money.js'
import { realCompareBench } from './real-bench.js'
import { type MeasuredSide, openSides } from './sides-up.js'

export interface CompareOptions {
  readonly name: string
  /** The first is what the others are held against. */
  readonly sides: readonly MeasuredSide[]
  /** Each unit is a sweep over these; none: a run. */
  readonly axes: readonly Axis[]
  readonly folder: string
  /** Folder of an earlier comparison to go on with. */
  readonly resume: string | undefined
  readonly plan: AskedPlan
  readonly gated: readonly string[]
  readonly margins: Readonly<Record<string, number>>
  /** Codes of checks. */
  readonly allowed: readonly string[]
  readonly keepEngines: boolean
  readonly command: string
  readonly listener: RunListener
  readonly interruption: Interruption
  readonly consent: Consent
  /** Told after every block from the second on, with the seconds that a block takes. */
  readonly onEstimate: (findings: ComparisonFindings, blockS: number) => void
}

interface AskedPlan {
  /** Of each side; at first, where it goes on until decided. */
  readonly runs: number
  /** Null: it does not go on. */
  readonly mostRuns: number | null
  readonly seed: number
  readonly coolDownS: number
  readonly budgetS: number | null
}

/** Measures sides against one another. @throws UsageError with every problem of what was asked */
export async function measureComparison(
  options: CompareOptions,
): Promise<{ readonly folder: string; readonly manifest: CompareManifest }> {
  assertComparable(options)
  const { sides, listener, interruption } = options
  const head = headOf(options)
  const before = options.resume === undefined ? undefined : earlier(options.resume, head)
  const folder = options.resume ?? options.folder
  const { mostRuns } = head.plan
  for (const note of cacheNotes(options)) listener.onNote(note)
  if (before) listener.onNote(`going on with ${folder}: ${haveText(before)} are there already`)
  const up = await openSides({
    ...{ sides, folder, listener, interruption, keepEngines: options.keepEngines },
    modelsMayDiffer: options.allowed.includes('model'),
    purse: createPurse(
      sides.map(({ profile }) => profile),
      options.consent,
    ),
    runs: mostRuns,
    onSide: (side, facts) => journal.noteSide(side, facts),
  })
  // Only now: what is refused before anything is measured leaves nothing behind.
  mkdirSync(folder, { recursive: true })
  const write = (value: CompareManifest): void => writeJsonFile(join(folder, RUN_FILES.compare), value)
  const journal = openCompareJournal(head, new Date().toISOString(), before, write)
  const figures = createKnownFigures(folder)
  try {
    const reason = await measureBlocks({
      bench: realCompareBench({ ...options, folder, up, figures, mostRuns }),
      journal,
      signal: interruption.soon,
      judge: createLiveJudge(figures),
      onEstimate: options.onEstimate,
      repeatsInvalid: !options.allowed.includes('invalid'),
      onNote: (text) => listener.onNote(text),
    })
    return { folder, manifest: journal.close(reason, new Date().toISOString()) }
  } catch (thrown) {
    if (journal.manifest().runs.length > 0)
      listener.onNote(
        `kept in ${folder}: ${haveText(journal.manifest())}; the same command with --resume ${folder} goes on`,
      )
    throw thrown
  } finally {
    await up.close()
  }
}

const haveText = ({ runs, sides, plan }: CompareManifest): string =>
  `${runs.length} of ${sides.length * plan.mostRuns} runs`

/** Where runs may find prompts of others in a cache: unlike engines of ours, targets outlive a run. */
function cacheNotes({ sides, keepEngines }: CompareOptions): readonly string[] {
  const outlives = sides.some(({ profile }) => keepEngines || profile.engine === undefined)
  const repeats = sides.some(({ profile: { workload } }) => !workload.salt || workload.dataset !== undefined)
  return outlives && repeats
    ? [
        'prompts come again without a salt: a run may find those of runs before it in a cache, be they of its side or of another that shares it; the random order spreads that over the sides',
      ]
    : []
}

function headOf(options: CompareOptions): CompareHead {
  const { name, command, sides, axes, gated, margins, allowed } = options
  return {
    tool: { name: 'falloff', version: TOOL_VERSION },
    ...{ name, command, gated, margins, allowed },
    sides: sides.map((side) => ({
      name: side.name,
      workloadHash: workloadHash(side.profile),
      connect: null,
      price: null,
    })),
    unit: axes.length > 0 ? 'sweep' : 'run',
    plan: planOf(options.plan),
  }
}

function planOf({ runs, mostRuns, seed, coolDownS, budgetS }: AskedPlan): ComparePlan {
  const most = Math.max(runs, mostRuns ?? runs)
  const looks = looksOf(runs, most)
  return { runs, mostRuns: most, looks, levelPerLook: levelPerLook(looks), seed, coolDownS, budgetS }
}

/** What can be known before anything is asked or started. */
function assertComparable({ sides, axes, allowed, gated }: CompareOptions): void {
  const problems: Problem[] = []
  for (const { name, profile } of sides) {
    try {
      assertTransport(profile)
    } catch (thrown) {
      if (!(thrown instanceof UsageError)) throw thrown
      problems.push(...thrown.problems.map((p) => ({ ...p, place: `${name}: ${p.place}` })))
    }
  }
  if (axes.length > 0) loadAxis(axes)
  for (const { name } of axes.filter(isEngineAxis))
    problems.push({
      place: `--over ${name}`,
      message: 'cannot be swept inside a comparison; make each value a side: a profile with that setting',
    })
  const differing = workloadDifference(sides)
  if (differing !== undefined && !allowed.includes('workload'))
    problems.push({
      place: differing.name,
      message: `puts another load on its target than ${sides[0]?.name} (${differing.parts.join(', ')}); give both the same, or --allow workload`,
    })
  problems.push(...otherObjectives(sides, gated))
  if (problems.length > 0) throw new UsageError(problems)
}

/** Figures that count requests within every objective. */
const WITHIN: readonly string[] = ['goodputPerS', 'goodShare', 'lastGood']

function otherObjectives(sides: readonly MeasuredSide[], gated: readonly string[]): readonly Problem[] {
  const [base, ...others] = sides
  if (base === undefined || !gated.some((key) => WITHIN.includes(key))) return []
  const textOf = ({ profile }: MeasuredSide): string => profile.objectives.join(', ') || 'none'
  return others
    .filter((side) => textOf(side) !== textOf(base))
    .map((side) => ({
      place: `${side.name}: objectives`,
      message: `expected those of ${base.name} (${textOf(base)}), within which requests are good on all sides; got ${textOf(side)}`,
    }))
}

const LOAD_PARTS = [
  'workload',
  'load',
  'limits',
  'seeds',
  'retry',
] as const satisfies readonly (keyof Profile)[]

function workloadDifference(sides: readonly MeasuredSide[]) {
  const [base, ...others] = sides
  if (base === undefined) return undefined
  const other = others.find(({ profile }) => workloadHash(profile) !== workloadHash(base.profile))
  if (other === undefined) return undefined
  const parts = LOAD_PARTS.filter(
    (part) => JSON.stringify(other.profile[part]) !== JSON.stringify(base.profile[part]),
  )
  return { name: other.name, parts }
}

/** @throws UsageError where it is none, or one of something else */
function earlier(folder: string, head: CompareHead): CompareManifest {
  const file = join(folder, RUN_FILES.compare)
  if (!existsSync(file)) throw usageError('--resume', `${folder} holds no ${RUN_FILES.compare}`)
  const before = readJsonFile(file) as CompareManifest
  const differing = PARTS.filter(([, of]) => of(before) !== of(head)).map(([words]) => words)
  if (differing.length > 0)
    throw usageError(
      '--resume',
      `${folder} was begun with other ${differing.join(', ')}; give the same, or leave --resume out`,
    )
  if (before.stopReason === 'complete' || before.stopReason === 'decided')
    throw usageError(
      '--resume',
      `${folder} is ${before.stopReason}: to measure on after having seen the result would make its intervals too narrow; start anew with more --runs, or with --until-decided`,
    )
  return before
}

/** What makes two comparisons the same one. The budget of minutes is not of it: more time may be given. */
const PARTS: readonly (readonly [words: string, of: (head: CompareHead) => string])[] = [
  ['sides', ({ sides }) => JSON.stringify(sides.map(({ name }) => name))],
  ['load', ({ sides, unit }) => JSON.stringify([sides.map((s) => s.workloadHash), unit])],
  ['--runs or --most-runs', ({ plan: { looks } }) => JSON.stringify(looks)],
  ['--seed', ({ plan: { seed } }) => String(seed)],
  ['--gated', ({ gated }) => JSON.stringify(gated)],
  ['--margin', ({ margins }) => JSON.stringify(Object.entries(margins).sort())],
]
