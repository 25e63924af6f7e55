import { formatNumber, kebabCase } from '../base/index.js'
import type { TuneManifest, TuneResult, TuneSetting, TuneStart, TuneTrial } from '../record/index.js'
import { wrap } from './layout.js'
import { textTable } from './text-table.js'

/** The answer of a search: what to set, what it is worth, what it holds, what limits it now, and all that was tried. */
export function tuneText(manifest: TuneManifest, width: number): string {
  const { result, diagnosis } = manifest
  const parts = [
    result === null ? [] : wrap(result.text, width),
    result === null ? [] : holdsLines(manifest, result, width),
    diagnosis === null ? [] : wrap(`The default: ${diagnosis.sentence}${knobWords(manifest)}`, width),
    result?.limitedBy && result.answer === 'change' ? wrap(`Now: ${result.limitedBy.sentence}`, width) : [],
    ['Tried', '', settingsTable(manifest)],
    openLines(manifest, width),
    failedLines(manifest, width),
    pasteLines(result),
    [spent(manifest), ...disturbedLines(manifest, width)],
  ]
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

function holdsLines(
  { settings, goal }: TuneManifest,
  { best, holds }: TuneResult,
  width: number,
): readonly string[] {
  if (holds === null) return []
  const setting = settings.find((s) => s.id === best)
  const load = loadWords(holds.load.kind, holds.load.value)
  if (goal.kind === 'p99') return wrap(`Measured at ${load}.`, width)
  const held = setting?.held
  const shown =
    held?.pass === null || held?.pass === undefined
      ? 'no load could be shown to pass with the requests that were taken'
      : `shown to pass at ${formatNumber(held.pass)}`
  const fails = holds.failsAt === null ? '' : `, shown to fail at ${formatNumber(holds.failsAt)}`
  return wrap(`${setting?.label ?? ''} holds ${load} within the objectives (${shown}${fails}).`, width)
}

const loadWords = (kind: 'open' | 'closed', value: number): string =>
  kind === 'open' ? `${formatNumber(value)} requests/s` : `${formatNumber(value)} requests in flight`

function knobWords({ diagnosis }: TuneManifest): string {
  const helps = (diagnosis?.knobs ?? []).map(
    ({ name, helps: h, why }) => ` ${kebabCase(name)}: ${h ? '' : 'not tried, '}${why}.`,
  )
  return helps.join('')
}

function settingsTable({ settings, trials, goal, result }: TuneManifest): string {
  const head = ['setting', 'start s', 'trials', 'holds', 'fails at', goal.unit, 'p99 TTFT ms', 'KV max', '']
  const rows = settings.map((s) =>
    rowOf(
      s,
      trials.filter((t) => t.setting === s.id),
      result,
    ),
  )
  return textTable(head, rows)
}

function rowOf(
  setting: TuneSetting,
  trials: readonly TuneTrial[],
  result: TuneResult | null,
): readonly string[] {
  const { label, held, value, starts } = setting
  const started = starts.filter((s) => s.kind === 'started')
  const at = trials.filter((t) => held?.holds === null || held === null || t.load.value === held.holds).at(-1)
  return [
    label,
    started.length === 0 ? '' : formatNumber(started.reduce((s, x) => s + x.seconds, 0) / started.length),
    String(trials.length),
    numberOr(held?.holds),
    numberOr(held?.fail),
    numberOr(value?.value),
    numberOr(at?.figures.ttftP99Ms),
    percentOr(at?.figures.kvUsageMax),
    wordOf(setting, result),
  ]
}

/** What became of it. One that could not be told from the best is neither `worse` nor `beaten`. */
function wordOf({ id, out }: TuneSetting, result: TuneResult | null): string {
  if (result?.best === id && result.answer !== 'no-answer') return 'best'
  return result?.notToldApart.some((s) => s.setting === id) ? 'no better' : (out?.reason ?? '')
}

const numberOr = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : formatNumber(value)

const percentOr = (share: number | null | undefined): string =>
  share === null || share === undefined ? '–' : `${formatNumber(100 * share)} %`

function openLines({ result, settings }: TuneManifest, width: number): readonly string[] {
  const open = result?.notToldApart ?? []
  if (open.length === 0) return []
  const name = (id: string): string => settings.find((s) => s.id === id)?.label ?? id
  return ['Not told apart', ...open.flatMap(({ setting, text }) => wrap(`${name(setting)}: ${text}`, width))]
}

type Failure = Extract<TuneStart, { readonly kind: 'failed' }>

function failedLines({ settings }: TuneManifest, width: number): readonly string[] {
  const failed = settings.flatMap(({ label, starts }) => {
    const failure = starts.find((s): s is Failure => s.kind === 'failed')
    return failure === undefined ? [] : [{ label, failure }]
  })
  if (failed.length === 0) return []
  return [
    'Did not start',
    ...failed.flatMap(({ label, failure }) =>
      wrap(`${label}: ${failure.cause}: ${failure.message.split('\n')[0] ?? ''}`, width),
    ),
  ]
}

function pasteLines(result: TuneResult | null): readonly string[] {
  const paste = result?.paste
  return paste ? ['To paste', '', paste.flags, '', paste.compose, paste.helm.trimEnd()] : []
}

function spent({ engineS, settings, trials, plan }: TuneManifest): string {
  const starts = settings.reduce((sum, s) => sum + s.starts.length, 0)
  return `${plan}: ${trials.length} trials, ${starts} starts, ${formatNumber(engineS / 60)} minutes of the engine`
}

/** What the machine did to the search: trials made again, and those that count although they were disturbed too. */
function disturbedLines({ trials }: TuneManifest, width: number): readonly string[] {
  const again = trials.filter((t) => t.madeAgain !== undefined)
  const still = trials.filter((t) => t.disturbed !== undefined)
  const codes = [
    ...new Set([...again, ...still].flatMap((t) => [...(t.madeAgain ?? []), ...(t.disturbed ?? [])])),
  ]
  if (codes.length === 0) return []
  const madeAgain = again.length === 0 ? '' : `, ${again.length} made again for it`
  const left = still.length === 0 ? 'none' : String(still.length)
  return wrap(
    `The machine disturbed trials (${codes.join(', ')})${madeAgain}; of those that count, ${left}.`,
    width,
  )
}
