import { type CheckCode, FIGURES, figureOf } from '../../analyse/index.js'
import { nearest, type Problem } from '../../base/index.js'
import type { CompareOptions, MeasuredSide } from '../../experiment/index.js'
import { numbersFrom } from '../numbers.js'
import type { CompareArguments } from '../options/compare.js'

/** What counts, and what is meant to differ. */
export interface Terms {
  readonly gated: readonly string[]
  readonly margins: Readonly<Record<string, number>>
  readonly allowed: readonly string[]
}

/** Adds to `problems` what cannot be used. @param standard figures that are gated where none are named */
export function termsFrom(
  { gated, margin = [], allow = [] }: Pick<CompareArguments, 'gated' | 'margin' | 'allow'>,
  standard: readonly string[],
  problems: Problem[],
): Terms {
  const named = gated?.split(',').map((key) => key.trim())
  for (const key of named ?? []) if (!figureOf(key)) problems.push(unknownFigure('--gated', key))
  const allowed = allow.flatMap((list) => list.split(',')).map((code) => code.trim())
  for (const code of allowed) if (!isCheck(code)) problems.push(unknownCheck(code))
  return { gated: named ?? standard, margins: marginsFrom(margin, problems), allowed }
}

function unknownFigure(flag: string, key: string): Problem {
  const keys = FIGURES.map((f) => f.key)
  const guess = nearest(key, keys)
  const hint = guess
    ? `did you mean "${guess}"?`
    : 'known: ttft.p50, tpot.p99, outputTokensPerS, errorRate, …'
  return { place: flag, message: `unknown figure "${key}"; ${hint}` }
}

const CHECKS = [
  'workload',
  'model',
  'output-tokens',
  'invalid',
  'place',
  'not-interleaved',
  'few-runs',
  'tokenizer',
  'transport',
  'imported',
] as const satisfies readonly CheckCode[]

const isCheck = (code: string): boolean => (CHECKS as readonly string[]).includes(code)

function unknownCheck(code: string): Problem {
  const guess = nearest(code, CHECKS)
  const hint = guess ? `did you mean "${guess}"?` : `known: ${CHECKS.join(', ')}`
  return { place: '--allow', message: `unknown check "${code}"; ${hint}` }
}

/** `ttft.p99=10%` */
function marginsFrom(texts: readonly string[], problems: Problem[]): Record<string, number> {
  const margins: Record<string, number> = {}
  for (const text of texts) {
    const [, key = '', number = ''] = /^([^=]*)=\s*([\d.]+)\s*%$/.exec(text) ?? []
    const share = Number(number) / 100
    if (number === '' || !(share > 0 && share < 1))
      problems.push({
        place: `--margin ${text}`,
        message: 'expected FIGURE=N%, such as ttft.p99=10%, with N above 0 and below 100',
      })
    else if (figureOf(key) === undefined) problems.push(unknownFigure(`--margin ${text}`, key))
    else margins[key] = share
  }
  return margins
}

const GATED = ['ttft.p50', 'ttft.p99', 'tpot.p50', 'outputTokensPerS', 'errorRate'] as const

/** What is gated unless the user says otherwise. @param sides null: of results, which may have anything */
export function standardGated(sides: readonly MeasuredSide[] | null, sweeps: boolean): readonly string[] {
  const judged = sides === null || sides.some(({ profile }) => profile.objectives.length > 0)
  return [...GATED, ...(judged ? ['goodputPerS'] : []), ...(sweeps ? ['peakOutputTokensPerS'] : [])]
}

const RUNS = '5'
const MOST_RUNS = '20'
const COOL_DOWN_S = '2'

export function planFrom(argv: CompareArguments, problems: Problem[]): CompareOptions['plan'] {
  const numbers = numbersFrom(problems)
  const runs = numbers.whole('--runs', argv.runs ?? RUNS, 2, 1000)
  const given = argv.mostRuns
  if (given !== undefined && !argv.untilDecided)
    problems.push({ place: '--most-runs', message: 'bounds --until-decided, which is not given; add it' })
  const mostRuns = argv.untilDecided ? numbers.whole('--most-runs', given ?? MOST_RUNS, 2, 1000) : null
  if (mostRuns !== null && mostRuns < runs)
    problems.push({
      place: '--most-runs',
      message: `expected no fewer than --runs (${runs}); got ${mostRuns}`,
    })
  const minutes = argv.budgetMinutes
  return {
    runs,
    mostRuns,
    seed: numbers.whole('--seed', argv.seed ?? '1', 0, 2 ** 31),
    coolDownS: numbers.any('--cool-down', argv.coolDown ?? COOL_DOWN_S, 0, 3600),
    budgetS: minutes === undefined ? null : 60 * numbers.any('--budget-minutes', minutes, 0.01, 100_000),
  }
}

/** Flags that say how to measure, and mean nothing to what is measured already. */
const MEASURING = {
  '--runs': 'runs',
  '--over': 'over',
  '--most-runs': 'mostRuns',
  '--budget-minutes': 'budgetMinutes',
  '--seed': 'seed',
  '--cool-down': 'coolDown',
  '--resume': 'resume',
  '--set': 'set',
  '--target': 'target',
  '--engine': 'engine',
} as const satisfies Readonly<Record<string, keyof CompareArguments>>

export function measuringFlags(argv: CompareArguments): readonly Problem[] {
  const given = Object.entries(MEASURING).filter(([, key]) => argv[key] !== undefined)
  const switches = [
    ...(argv.untilDecided ? ['--until-decided'] : []),
    ...(argv.keepEngines ? ['--keep-engines'] : []),
  ]
  return [...given.map(([flag]) => flag), ...switches].map((place) => ({
    place,
    message: 'is for measuring, and these are results that are there; leave it out',
  }))
}
