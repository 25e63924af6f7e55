import { EXIT, formatNumber, type Problem, UsageError } from '../../base/index.js'
import { findLimits, type LimitsReport, prepareBudget, prepareTarget } from '../../experiment/index.js'
import { consentFrom } from '../consent.js'
import { watchInterruption } from '../interruption.js'
import type { LimitsArguments } from '../options/targets.js'
import { lastOfEach, profileFrom } from '../settings.js'

export async function limitsCommand(given: LimitsArguments): Promise<void> {
  const argv = lastOfEach(given)
  const { maxRequests, maxUsd, maxSeconds, maxWords } = capsFrom(argv)
  const caps = [`budget.requests=${maxRequests}`, ...(maxUsd === undefined ? [] : [`budget.usd=${maxUsd}`])]
  const profile = profileFrom({
    ...argv,
    ...{ requests: maxRequests, 'input-tokens': Math.min(maxWords, USUAL_WORDS), 'output-tokens': 1 },
    set: [...(argv.set ?? []), ...caps],
  })
  const target = await prepareTarget(profile)
  const interruption = watchInterruption()
  try {
    const budget = await prepareBudget(
      profile,
      target,
      1,
      consentFrom(argv, () => {}),
    )
    if (budget === undefined) throw new Error('a search without a cap')
    const report = await findLimits({
      ...{ profile, target, budget, seconds: maxSeconds, stepS: STEP_S, mostWords: maxWords },
      onPhase: (text) => void process.stderr.write(`${text} …\n`),
      signal: interruption.soon,
    })
    process.stdout.write(argv.format === 'json' ? `${JSON.stringify(report, null, 2)}\n` : limitsText(report))
    process.exitCode = interruption.soon.aborted ? EXIT.interrupted : EXIT.done
  } finally {
    interruption.release()
    await target.engine?.stop()
  }
}

/** Long enough for a provider to make up its mind, and for somebody to stop us. */
const STEP_S = 3

/** Mean length of the prompts that a search sends, for the estimate of its cost. */
const USUAL_WORDS = 500

interface Caps {
  readonly maxRequests: number
  readonly maxUsd: number | undefined
  readonly maxSeconds: number
  readonly maxWords: number
}

/** @throws UsageError with every problem */
function capsFrom(argv: LimitsArguments): Caps {
  const problems: Problem[] = []
  const number = (flag: string, text: string, isWhole: boolean): number => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (value > 0 && (isWhole ? Number.isSafeInteger(value) : Number.isFinite(value))) return value
    const expected = isWhole ? 'a whole number above 0' : 'a number above 0'
    problems.push({ place: flag, message: `expected ${expected}; got ${text}` })
    return 1
  }
  const caps = {
    maxRequests: number('--max-requests', argv.maxRequests, true),
    maxUsd: argv.maxUsd === undefined ? undefined : number('--max-usd', argv.maxUsd, false),
    maxSeconds: number('--max-seconds', argv.maxSeconds, false),
    maxWords: number('--max-words', argv.maxWords, true),
  }
  if (problems.length > 0) throw new UsageError(problems)
  return caps
}

const NAMES = {
  requests: 'Requests',
  tokens: 'Tokens',
  inputTokens: 'Input tokens',
  outputTokens: 'Output tokens',
} as const

function limitsText({ url, model, limits, sent, refused, tookS }: LimitsReport): string {
  const lines = limits.flatMap((limit) => [
    `${NAMES[limit.kind].padEnd(15)}${valueText(limit)}`,
    `${''.padEnd(15)}${limit.how}`,
  ])
  const spent = `${sent} ${sent === 1 ? 'request' : 'requests'} sent, ${refused} of them refused, in ${Math.round(tookS)} s`
  return `${[`Limits of ${model} at ${url}`, '', ...lines, '', spent, ...nextText(limits)].join('\n')}\n`
}

/** What to do about a limit that is not known well. */
function nextText(limits: LimitsReport['limits']): readonly string[] {
  const isCut = limits.some(({ cut }) => cut)
  return isCut ? ['To know more, raise --max-requests, --max-seconds or --max-usd.'] : []
}

function valueText({ perMin, low, high, sureness }: LimitsReport['limits'][number]): string {
  if (perMin === null) return low === null ? 'not known' : `at least ${formatNumber(low)} a minute`
  const interval =
    low === null || high === null
      ? ''
      : ` (${formatNumber(Math.round(low))} to ${formatNumber(Math.round(high))})`
  return `${formatNumber(Math.round(perMin))} a minute${interval}: ${sureness}`
}
