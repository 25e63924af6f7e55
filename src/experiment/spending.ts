import { createRandom, formatNumber, integerSampler, usageError } from '../base/index.js'
import { type Budget, createBudget, usdOf } from '../drive/index.js'
import type { Profile } from '../profile/index.js'
import { planSchedule } from '../schedule/index.js'
import { readDataset, readTrace } from '../workload/index.js'
import { SECRET_NAME } from './headers.js'
import { hasCaps, type KnownPrices, pricesOf } from './prices.js'
import { isPrivate } from './private-address.js'
import type { PreparedTarget } from './target.js'

/** How the user agrees to spend money. */
export interface Consent {
  /** Given beforehand, by a flag. */
  readonly yes: boolean
  /** Asks on a terminal; missing where there is none. */
  readonly ask?: (question: string) => Promise<boolean>
}

/**
 * The budget of a command, shared by all its runs; undefined where nothing is capped. Asks first where the target is one
 * that bills.
 *
 * @param runs planned; undefined where the search decides
 * @throws UsageError when money would be spent without consent, or is capped where no price is known
 */
export async function prepareBudget(
  profile: Profile,
  target: SpendingTarget,
  runs: number | undefined,
  consent: Consent,
): Promise<Budget | undefined> {
  const { prices, estimate } = await spendingOf(profile, target, runs)
  if (estimate !== null) await requireConsent(estimate, consent)
  return hasCaps(profile.budget) ? createBudget(profile.budget, prices) : undefined
}

type SpendingTarget = Pick<PreparedTarget, 'baseUrl' | 'facts'>

/** What asking a target costs, before anything of it is asked for. */
export interface Spending {
  /** Undefined: it costs nothing, or nobody knows what. */
  readonly prices: KnownPrices | undefined
  /** What the user has to agree to; null where the target does not bill. */
  readonly estimate: string | null
}

/**
 * @param each what is repeated `runs` times
 * @throws UsageError when money is capped where no price is known
 */
export async function spendingOf(
  profile: Profile,
  { baseUrl, facts }: SpendingTarget,
  runs: number | undefined,
  each: 'points' | 'runs' = 'points',
): Promise<Spending> {
  const { budget } = profile
  const bills = !(await isPrivate(baseUrl))
  const tokens = tokensOf(profile)
  const prices =
    bills || budget.usd !== undefined || budget.prices !== undefined
      ? await pricesOf(profile, { url: baseUrl, model: facts.model }, tokens.longestInput)
      : undefined
  if (budget.usd !== undefined && prices === undefined) {
    throw usageError(
      'budget.usd',
      `no price is known of ${facts.model} at ${facts.url}; give budget.prices: {inputPerMTok, outputPerMTok}`,
    )
  }
  // A key is what accounts are billed by, whether or not the list knows the model.
  const asks = bills && (prices !== undefined || hasKey(profile))
  return { prices, estimate: asks ? estimateText(profile, facts, prices, tokens, { runs, each }) : null }
}

const hasKey = ({ target }: Profile): boolean =>
  target.keyEnv !== undefined || Object.keys(target.headers).some((name) => SECRET_NAME.test(name))

/** @throws UsageError when it is refused, or nobody can be asked */
export async function requireConsent(estimate: string, { yes, ask }: Consent): Promise<void> {
  if (yes) return
  if (ask === undefined) {
    throw usageError('--yes', `${estimate}. Give --yes to spend it; --budget-usd caps it`)
  }
  if (!(await ask(`${estimate}. Go on?`))) throw usageError('--yes', 'not agreed to; no request was sent')
}

function estimateText(
  profile: Profile,
  { url, model }: PreparedTarget['facts'],
  prices: KnownPrices | undefined,
  tokens: MeanTokens,
  { runs, each: unit }: { readonly runs: number | undefined; readonly each: 'points' | 'runs' },
): string {
  const planned = requestsOf(profile)
  const count = planned ?? 1000
  const each = runs === 1 ? '' : runs === undefined ? ' at each load tried' : ` at each of ${runs} ${unit}`
  const what = `${formatNumber(count)} requests of some ${formatNumber(tokens.input)} input and ${formatNumber(tokens.output)} output tokens${each}`
  const open = planned === undefined ? '; only time bounds their number' : ''
  const end = `${open}${capText(profile)}`
  if (prices === undefined) {
    return `${model} at ${url} is asked with a key, and no price is known (budget.prices tells one): ${what}${end}`
  }
  const usd = count * usdOf(prices, { inputTokens: tokens.input, outputTokens: tokens.output })
  const total = `about ${formatNumber(usd * (runs ?? 1))} USD${runs === undefined ? each : ''}`
  return `${model} at ${url} is billed: ${what} cost ${total} (${prices.source})${end}`
}

function capText({ budget }: Profile): string {
  return budget.usd === undefined ? '' : `; the run ends at ${budget.usd} USD`
}

/** Undefined where time alone bounds a closed loop. */
function requestsOf(profile: Profile): number | undefined {
  const { trace } = profile.workload
  const rows = trace && readTrace(trace.path, trace.format, trace.speedup)
  const schedule = planSchedule(profile, rows && Float64Array.from(rows, (row) => row.arrivalNs))
  if (schedule.kind === 'open') return schedule.arrivalsNs.length
  return Number.isFinite(schedule.endNs) ? undefined : schedule.requests
}

/** Of one request, by what the workload asks for. */
interface MeanTokens {
  readonly input: number
  readonly output: number
  readonly longestInput: number
}

const DRAWS = 1000
const CHARACTERS_PER_TOKEN = 4

function tokensOf({ workload, seeds }: Profile): MeanTokens {
  const inputs = draws(workload.inputTokens, seeds.inputLengths)
  const output = mean(draws(workload.outputTokens, seeds.outputLengths))
  const { dataset, trace, conversation } = workload
  if (dataset) {
    const lengths = readDataset(dataset.path, dataset.format).map(({ messages }) =>
      Math.ceil(messages.reduce((sum, { content }) => sum + content.length, 0) / CHARACTERS_PER_TOKEN),
    )
    return { input: mean(lengths), output, longestInput: most(lengths) }
  }
  if (trace) {
    const rows = readTrace(trace.path, trace.format, trace.speedup)
    const lengths = rows.map((row) => row.inputTokens)
    return {
      input: mean(lengths),
      output: mean(rows.map((r) => r.outputTokens)),
      longestInput: most(lengths),
    }
  }
  // Every turn sends all that was said before it.
  const turns = conversation ? mean(draws(conversation.turns, seeds.conversations)) : 1
  const input = (mean(inputs) * (turns + 1) + output * (turns - 1)) / 2
  return { input, output, longestInput: most(inputs) * turns }
}

function draws(spec: Profile['workload']['inputTokens'], seed: number): number[] {
  const draw = integerSampler(spec, createRandom(seed, 'estimate'), 1)
  return Array.from({ length: DRAWS }, draw)
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)

const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), 0)
