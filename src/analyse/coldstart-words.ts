import { formatNs, formatNumber } from '../base/index.js'
import type { ColdEstimate, ColdPhaseName, ColdStartReport, ScaleOut } from '../record/index.js'

/** What each phase is called, in the order in which engines go through them. */
export const COLD_PHASE_WORDS: Readonly<Record<ColdPhaseName, string>> = {
  process: 'process',
  import: 'imports',
  weights: 'weights',
  profiling: 'profiling',
  compile: 'compile, graphs',
  'kv-cache': 'KV cache',
  serving: 'serving',
  'first-request': 'first request',
}

/** `39.8 s to 42.6 s`; a dash where a single start tells none. A time is never below nothing, whatever its scatter. */
export function coldInterval({ low, high }: ColdEstimate): string {
  if (low === null || high === null) return '–'
  return `${low <= 0 ? '0 s' : formatNs(low)} to ${formatNs(high)}`
}

/** `41.2 s (39.8 s to 42.6 s)` */
export function coldTime(e: ColdEstimate | null): string {
  if (e === null) return '–'
  return e.low === null ? formatNs(e.mean) : `${formatNs(e.mean)} (${coldInterval(e)})`
}

const mostOf = ({ figures }: ColdStartReport): string => {
  const [most] = [...(figures?.phases ?? [])].sort((a, b) => b.share - a.share)
  if (most === undefined || (figures?.phases.length ?? 0) < 2) return ''
  return `; ${formatNumber(most.share * 100)} % of it: ${COLD_PHASE_WORDS[most.name]}`
}

/** The answer in one sentence. */
export function coldVerdict(report: ColdStartReport): string {
  const { figures, starts } = report
  if (figures === null) return 'No start came to its first token.'
  const from = starts.length === 1 ? 'one start' : `mean of ${starts.length} starts`
  return `${formatNs(figures.firstTokenNs.mean)} from the command to the first token (${from})${mostOf(report)}.`
}

/** What became of the requests that arrived meanwhile; empty where none did. */
export function arrivalSentences({ starts, load, objective }: ColdStartReport): readonly string[] {
  const all = starts.flatMap(({ arrivals }) => arrivals ?? [])
  const sum = (read: (a: (typeof all)[number]) => number): number => all.reduce((n, a) => n + read(a), 0)
  const arrived = sum((a) => a.arrived)
  if (!load.duringStart || all.length === 0) return []
  const starting = all.length === 1 ? 'the start' : `${all.length} starts`
  if (arrived === 0)
    return [`No request arrived during ${starting}: the load is too thin, or the start too short.`]
  const waits = all.flatMap(({ waitMaxNs }) => waitMaxNs ?? [])
  const longest = waits.length === 0 ? '' : `, after up to ${formatNs(Math.max(...waits))}`
  const misses = sum((a) => a.misses.failed + (a.misses.late ?? 0))
  const beyond = objective === null ? '' : ` or missed ${objective}`
  return [
    `Of ${count(arrived, 'request')} that arrived during ${starting} (${load.words}; retries: ${load.retry}), ${whole(sum((a) => a.failed))} failed and ${whole(sum((a) => a.answered))} were answered${longest}.`,
    `They made ${count(
      sum((a) => a.attempts),
      'attempt',
    )}, of which ${whole(sum((a) => a.refusedAttempts))} met a port where nobody listened.`,
    `From the command until steady ${whole(misses)} of ${count(
      sum((a) => a.misses.arrived),
      'request',
    )} failed${beyond}: ${formatNumber(misses / all.length)} a start.`,
  ]
}

/** What is meant by steady, with its figures. */
export function steadySentence({ starts, figures, load }: ColdStartReport): string {
  const finals = starts.flatMap(({ steady }) => steady?.finalP95Ns ?? [])
  const windowNs = starts.flatMap(({ steady }) => steady?.windowNs ?? [])[0]
  if (figures === null || windowNs === undefined) return ''
  const final =
    finals.length === 0 ? '' : `, ${formatNs(finals.reduce((a, b) => a + b, 0) / finals.length)} on average`
  return `Steady: from then on the TTFT p95 of every ${formatNs(windowNs)} of arrivals (${load.words}) stays within 10 % of its final value${final}, or within what so few requests scatter by.`
}

export function scaleSentences({ joinedS, commandS, helpedAfterS, ...scale }: ScaleOut): readonly string[] {
  const p95 = (ms: number | null): string => (ms === null ? 'without an answer' : formatNs(ms * 1e6))
  const helped =
    helpedAfterS === null
      ? 'It did not help while it was watched: the TTFT p95 did not stay below nine tenths of what it was before.'
      : `It helped ${formatNs(helpedAfterS * 1e9)} after the command: from then on the TTFT p95 stayed below nine tenths of what it was before.`
  const [one] = scale.front
  const cost =
    one === undefined || one.p50Ns === null
      ? 'What the front costs could not be measured.'
      : `The front itself adds ${formatNs(one.p50Ns)} at p50${one.p99Ns === null ? '' : ` and ${formatNs(one.p99Ns)} at p99`} to a small request, one at a time.`
  return [
    `The second replica joined ${formatNs((joinedS - commandS) * 1e9)} after its command; TTFT p95 was ${p95(scale.before.ttftP95Ms)} before, ${p95(scale.during.ttftP95Ms)} during its start and ${p95(scale.after.ttftP95Ms)} afterwards.`,
    helped,
    cost,
  ]
}

/** What a warm replica costs against the misses; empty without prices. */
export function costSentences({ costs }: ColdStartReport): readonly string[] {
  if (costs === null) return []
  const {
    warmUsdPerMonth,
    usdPerHour,
    missesUsdPerMonth,
    breakEvenPerDay,
    missesPerStart,
    usdPerMiss,
    startsPerDay,
  } = costs
  const usd = (value: number): string => `${formatNumber(value)} USD`
  const warm = `One replica kept warm costs ${usd(warmUsdPerMonth)} a month (730 h of ${usd(usdPerHour)}).`
  if (missesPerStart === null)
    return [warm, 'What misses cost is not known: no requests arrived during the start.']
  if (usdPerMiss === null) return [warm, 'Give --usd-per-miss to set the misses against it.']
  const misses =
    missesUsdPerMonth === null
      ? []
      : [
          `The misses of ${formatNumber(startsPerDay ?? 0)} cold starts a day cost ${usd(missesUsdPerMonth)} a month (${formatNumber(missesPerStart)} of ${usd(usdPerMiss)} a start).`,
        ]
  const even =
    breakEvenPerDay === null
      ? 'No request was missed: no number of cold starts makes up for it.'
      : `Both cost the same at ${formatNumber(breakEvenPerDay)} cold starts a day; with more of them, keep it warm.`
  return [warm, ...misses, even]
}

const whole = (n: number): string => n.toLocaleString('en-US')
const count = (n: number, word: string): string => `${whole(n)} ${word}${n === 1 ? '' : 's'}`
