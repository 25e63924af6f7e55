import { formatNumber } from '../../base/index.js'
import type { RunFigures } from '../../record/index.js'
import type { CheckCode, ComparisonCheck } from './findings.js'
import type { ComparisonInput, SideInput } from './input.js'
import { sharedPoints } from './metrics.js'
import { charsPerTokenOf, outputLengthAt } from './sides.js'
import { listed, percent, plural } from './words.js'

type Found = Pick<ComparisonCheck, 'text' | 'advice'> | null
type Check = (input: ComparisonInput) => Found

/** Runs a side from which on the scatter between runs is more than a guess. */
const ENOUGH_RUNS = 5
/** Longer answers take longer: further apart than this, latencies are of different work. */
const LENGTH_SHARE = 0.1
/** Tokenizers whose tokens differ less in length count much the same. */
const TOKEN_SHARE = 0.05
/** Answers of one model differ in their words by so much. */
const WORDS_SHARE = 0.1

const REFUSING: Readonly<Partial<Record<CheckCode, Check>>> = {
  workload,
  model,
  'output-tokens': outputTokens,
  invalid,
  place,
}

const LABELLING: Readonly<Partial<Record<CheckCode, Check>>> = {
  imported,
  'not-interleaved': notInterleaved,
  'few-runs': fewRuns,
  tokenizer,
  transport,
}

/** What stands in the way of comparing the sides, worst first. */
export function checksOf(input: ComparisonInput): readonly ComparisonCheck[] {
  const run = (checks: Readonly<Partial<Record<CheckCode, Check>>>, refuses: boolean): ComparisonCheck[] =>
    Object.entries(checks).flatMap(([code, check]) => {
      const found = check(input)
      if (found === null) return []
      const allowed = input.allowed.includes(code)
      return [
        { code: code as CheckCode, severity: refuses && !allowed ? 'refuse' : 'label', allowed, ...found },
      ]
    })
  const found = [...run(REFUSING, true), ...run(LABELLING, false)]
  return [...found.filter((c) => c.severity === 'refuse'), ...found.filter((c) => c.severity === 'label')]
}

const distinct = <T>(values: readonly T[]): readonly T[] => [...new Set(values)]
const own = ({ runs }: SideInput): readonly RunFigures[] => runs.filter((r) => r.workloadHash !== null)

/**
 * In blocks each has seeds of its own: the runs of a block must agree. Without blocks a side may have fewer loads than
 * the other, but none that the other has not.
 */
function workload({ sides, design: { blocks } }: ComparisonInput): Found {
  const [base, ...others] = sides
  if (base === undefined) return null
  const differing = others.filter((side) => {
    if (blocks !== null)
      return blocks.some((block) =>
        differ(base.runs[block[0] ?? -1], side.runs[block[sides.indexOf(side)] ?? -1]),
      )
    const [a, b] = [base, side].map((s) => new Set(own(s).map((r) => r.workloadHash)))
    if (a === undefined || b === undefined || a.size === 0 || b.size === 0) return false
    return ![...a].every((hash) => b.has(hash)) && ![...b].every((hash) => a.has(hash))
  })
  if (differing.length === 0) return null
  return {
    text: `${listed(differing.map((s) => s.name))} had another load than ${base.name}: prompts, lengths, arrivals, limits or seeds differ.`,
    advice: 'Measure both with the same workload, load and seeds, or allow it with --allow workload.',
  }
}

const differ = (a: RunFigures | undefined, b: RunFigures | undefined): boolean =>
  a !== undefined &&
  b !== undefined &&
  a.workloadHash !== null &&
  b.workloadHash !== null &&
  a.workloadHash !== b.workloadHash

const modelsOf = (side: SideInput): readonly string[] =>
  distinct(side.runs.map((r) => r.target.model).filter((m) => m !== ''))

function model({ sides }: ComparisonInput): Found {
  const models = distinct(sides.flatMap(modelsOf))
  if (models.length < 2) return null
  return {
    text: `The sides ran different models: ${listed(sides.map((s) => `${s.name} ${modelsOf(s).join(', ')}`))}.`,
    advice: 'If the models are what is compared, allow it with --allow model.',
  }
}

function outputTokens({ sides }: ComparisonInput): Found {
  const [base, ...others] = sides
  if (base === undefined) return null
  const found = others.flatMap((side) =>
    sharedPoints({ a: base.runs, b: side.runs }).flatMap((at) => {
      const [a, b] = [outputLengthAt(base.runs, at), outputLengthAt(side.runs, at)]
      if (a === null || b === null || a === 0 || Math.abs(b / a - 1) <= LENGTH_SHARE) return []
      const where = at === 'run' ? '' : ` at ${at}`
      return [`${side.name} ${formatNumber(b)} against ${formatNumber(a)} of ${base.name}${where}`]
    }),
  )
  if (found.length === 0) return null
  return {
    text: `Answers differ in length by more than ${percent(LENGTH_SHARE)}: output tokens of a request are ${listed(found)}. Latencies and rates are then of different work.`,
    advice: 'Ask for exact output lengths, or allow it with --allow output-tokens.',
  }
}

function invalid({ sides }: ComparisonInput): Found {
  const found = sides.flatMap((side) => {
    const runs = side.runs.filter((r) => r.validity.verdict === 'INVALID')
    const codes = distinct(runs.flatMap((r) => r.validity.codes))
    return runs.length === 0 ? [] : [`${plural(runs.length, 'run')} of ${side.name} (${codes.join(', ')})`]
  })
  if (found.length === 0) return null
  return {
    text: `Invalid: ${listed(found)}.`,
    advice: 'Mend what the runs’ own reports name and measure again, or allow it with --allow invalid.',
  }
}

function place({ sides }: ComparisonInput): Found {
  const prints = sides.map((s) =>
    distinct(s.runs.flatMap((r) => r.place?.fingerprint ?? []))
      .toSorted()
      .join(' '),
  )
  const [base = '', ...others] = prints
  if (base === '' || others.every((p) => p === '' || p === base)) return null
  const wordsOf = ({ name, runs }: SideInput): string =>
    `${name} ${distinct(runs.flatMap((r) => (r.place === null ? [] : `${r.place.cpuModel}, ${plural(r.place.cpus, 'CPU')}, ${r.place.platform}, Node ${r.place.node}`))).join(' and ')}`
  return {
    text: `The clients ran in different places: ${listed(sides.map(wordsOf))}.`,
    advice: 'Measure all sides from one machine, or allow it with --allow place.',
  }
}

function imported({ sides }: ComparisonInput): Found {
  const theirs = sides.filter((s) => s.runs.some((r) => r.tool.name !== 'falloff'))
  if (theirs.length === 0) return null
  const toolOf = ({ name, runs }: SideInput): string =>
    `${name} by ${distinct(runs.map((r) => [r.tool.name, r.tool.version].filter((t) => t !== null).join(' '))).join(', ')}`
  return {
    text: `Not measured by falloff: ${listed(theirs.map(toolOf))}. Figures that the tool defines otherwise are left out, those that come near are labelled by it; its load and its machine are unknown.`,
    advice: 'Look up each figure’s definition with falloff import, or measure both with falloff.',
  }
}

function notInterleaved({ design }: ComparisonInput): Found {
  if (design.interleaved) return null
  return {
    text: 'The sides were not measured in turn: what changed on the machines between them looks like a difference of the sides.',
    advice: 'Measure them in turn with falloff compare.',
  }
}

function fewRuns({ sides }: ComparisonInput): Found {
  const few = sides.filter((s) => s.runs.length < ENOUGH_RUNS)
  if (few.length === 0) return null
  const counts = listed(few.map((s) => `${plural(s.runs.length, 'run')} of ${s.name}`))
  const single = few.some((s) => s.runs.length < 2)
  return {
    text: single
      ? `Only ${counts}: how much runs differ among themselves cannot be seen from one, so that no verdict is given.`
      : `Only ${counts}: the verdicts are an indication.`,
    advice: `Measure ${ENOUGH_RUNS} runs a side.`,
  }
}

function tokenizer({ sides }: ComparisonInput): Found {
  const lengths = sides.flatMap((s) => charsPerTokenOf(s) ?? [])
  const models = distinct(sides.flatMap(modelsOf))
  const known = lengths.length === sides.length && lengths.length > 1
  const share = models.length > 1 ? TOKEN_SHARE : WORDS_SHARE
  const apart = known && Math.max(...lengths) / Math.min(...lengths) - 1 > share
  if (!apart && (known || models.length < 2)) return null
  const told = known
    ? `a token stands for ${listed(sides.map((s) => `${formatNumber(charsPerTokenOf(s) ?? 0)} characters on ${s.name}`))}`
    : 'the models may cut text into tokens differently'
  return {
    text: `Tokens are not the same unit on all sides: ${told}.`,
    advice: 'Go by requests, and by characters where they were counted; figures per token stand beside them.',
  }
}

function transport({ sides }: ComparisonInput): Found {
  const known = sides.map((s) =>
    distinct(s.runs.flatMap((r) => r.target.transport ?? []))
      .toSorted()
      .join(', '),
  )
  const [base = '', ...others] = known
  if (base === '' || others.every((t) => t === '' || t === base)) return null
  return {
    text: `The load was sent in different ways: ${listed(sides.map((s, i) => `${s.name} by ${known[i]}`))}. Their own share of a latency differs.`,
    advice: 'Name one transport for all sides.',
  }
}
