import { answerOf, answerText } from './answer.js'
import { checksOf } from './checks.js'
import type { ComparisonCheck, ComparisonFindings, MetricComparison, PairFindings } from './findings.js'
import type { ComparisonInput, SideInput } from './input.js'
import { compareMetrics, type PairInput } from './metrics.js'
import { pairPrompts, promptPairs } from './prompts.js'
import { reasonsBetween } from './reasons.js'
import { sharesOf } from './shares.js'
import { shiftsOf } from './shift.js'
import { sideFindings } from './sides.js'

/** Holds every other side against the first. Knows no folders: what it finds is a function of its input. */
export function compareSides(input: ComparisonInput): ComparisonFindings {
  const { name, tool, sides, design } = input
  const checks = checksOf(input)
  const [base, ...others] = sides
  return {
    format: 1,
    kind: 'comparison',
    name,
    tool,
    sides: sides.map(sideFindings),
    design: {
      unit: base?.runs[0]?.unit ?? 'run',
      runs: sides.map((s) => s.runs.length),
      interleaved: design.interleaved,
      paired: design.blocks !== null,
      looks: design.looks,
      level: design.level,
      stopReason: design.stopReason,
    },
    checks,
    comparable: !checks.some(refuses),
    pairs: base === undefined ? [] : others.map((side, i) => comparePair(onlyTwo(input, base, side, i + 1))),
    differences: input.differences,
  }
}

const refuses = ({ severity }: ComparisonCheck): boolean => severity === 'refuse'

/** A comparison of two, with their blocks. */
type Two = Omit<ComparisonInput, 'sides'> & { readonly sides: readonly [SideInput, SideInput] }

function onlyTwo(input: ComparisonInput, base: SideInput, side: SideInput, place: number): Two {
  const blocks = input.design.blocks?.map((block) => [block[0] ?? null, block[place] ?? null]) ?? null
  return { ...input, sides: [base, side], design: { ...input.design, blocks } }
}

/** What stands in the way of one pair leaves the others as they are. */
function comparePair(two: Two): PairFindings {
  const [base, side] = two.sides
  const { level, blocks } = two.design
  const pair: PairInput = {
    a: base.runs,
    b: side.runs,
    pairs: blocks === null ? null : blocks.flatMap(([a, b]) => (isPlace(a) && isPlace(b) ? [[a, b]] : [])),
    level,
    gated: two.gated,
    margins: two.margins,
  }
  const checks = checksOf(two)
  const comparable = !checks.some(refuses)
  const metrics = compareMetrics(pair).map(comparable ? asIs : withoutVerdict)
  const prompts = pairPrompts(base.prompts, side.prompts)
  const answer = answerOf(metrics, comparable)
  return {
    a: base.name,
    b: side.name,
    answer,
    text: answerText(answer, { a: base.name, b: side.name }, metrics, checks),
    reasons: reasonsBetween(base, side),
    metrics,
    shifts: shiftsOf(pair),
    shares: sharesOf(pair, prompts),
    prompts: promptPairs(prompts),
  }
}

const isPlace = (place: number | null | undefined): place is number => typeof place === 'number'

const asIs = (metric: MetricComparison): MetricComparison => metric

const withoutVerdict = (metric: MetricComparison): MetricComparison => ({
  ...metric,
  verdict: 'not-shown',
  text: 'No verdict: the sides cannot be compared.',
  runsNeeded: null,
})
