import type {
  CauseName,
  FalloffFindings,
  ObjectiveFinding,
  PointFindings,
  Quantile,
} from '../../analyse/index.js'
import {
  atDimension,
  bounded,
  boundedValue,
  dimensionLabel,
  interval,
  inUnit,
  median,
  ms,
  num,
  percent,
  quantile,
  sentence,
  whole,
} from '../format.js'
import { type Html, html, nothing } from '../html.js'
import { loadDimension, type ReportResult } from '../input.js'
import { plusMinus } from '../instrument.js'
import { type Cell, table } from '../table.js'

export const CAUSE_NAMES: Readonly<Record<CauseName, string>> = {
  'kv-cache': 'the KV cache is full',
  'max-num-seqs': 'the limit on running sequences is reached',
  'prefill-interference': 'prefills interrupt decoding',
  compute: 'compute or memory bandwidth is used up',
  client: 'the load generator is the limit',
  'rate-limiter': 'a rate limiter cuts in',
  network: 'the network or a proxy holds requests up',
  'none-in-range': 'nothing fell off in the tested range',
}

/** What was found in one result, before anything else. */
export function answerOf(result: ReportResult): Html {
  const { findings } = result
  const body = findings.falloff ? sweepAnswer(result, findings.falloff) : runAnswer(findings.points[0])
  return html`${body}${objectivesTable(result)}`
}

/** The sentence that a reader takes along. */
export function verdictOf(result: ReportResult): string {
  const { falloff, points } = result.findings
  if (!falloff) return points[0] ? runVerdict(points[0]) : 'Nothing was measured.'
  if (!falloff.knee) return 'Throughput does not fall off in the tested range.'
  const at = atDimension(loadDimension(result.findings), falloff.knee.at)
  const settled = falloff.cause.name !== 'none-in-range'
  return `Throughput falls off at ${at}${settled ? `, because ${CAUSE_NAMES[falloff.cause.name]}` : '; the cause is not settled'}.`
}

/** A runner-up with less evidence than this stands under the cause, not in the answer. */
const WORTH_NAMING = 0.25

function sweepAnswer(result: ReportResult, falloff: FalloffFindings): Html {
  const { recommendation, runnerUp } = falloff
  const { confirmation } = result.findings
  return html`<p class="verdict">${verdictOf(result)}</p>
<p class="sub">${sentence(falloff.cause.sentence)}${runnerUp && runnerUp.strength >= WORTH_NAMING && ` Second candidate: ${CAUSE_NAMES[runnerUp.name]}.`}</p>
${recommendation && html`<p class="sub"><b>Set ${recommendation.setting} to ${recommendation.value}.</b> ${sentence(recommendation.expectedGain)}${confirmation && html` <b>Measured:</b> ${sentence(confirmation.sentence)}`}</p>`}
${tiles(tilesOf(result, falloff))}`
}

type Tile = readonly [name: string, value: string, unit: string, note: string]

const tiles = (list: readonly Tile[]): Html =>
  html`<dl class="tiles">${list.map(([name, value, unit, note]) => html`<div><dt>${name}</dt><dd>${value}${unit !== '' && html` <span>${unit}</span>`}<small>${note}</small></dd></div>`)}</dl>`

function tilesOf(result: ReportResult, falloff: FalloffFindings): readonly Tile[] {
  const load = dimensionLabel(loadDimension(result.findings))
  const { knee, peak, perStream, lastGood, recommendation } = falloff
  return [
    [
      'Knee',
      knee ? num(knee.at) : 'none',
      '',
      knee ? `${load}, 95 % interval ${num(knee.low)}–${num(knee.high)}` : 'in the tested range',
    ],
    ...(peak
      ? [['Peak throughput', num(peak.outputTokensPerS), 'tok/s', `at ${num(peak.at)} ${load}`] as const]
      : []),
    ...(perStream
      ? [
          [
            'Speed of one stream',
            `${num(perStream.atLowest)} → ${num(perStream.atHighest)}`,
            'tok/s',
            'lowest to highest load',
          ] as const,
        ]
      : []),
    ...(hasObjectives(result)
      ? [['Objectives met up to', lastGood === null ? 'no load' : num(lastGood), '', load] as const]
      : []),
    ...(recommendation ? [['Recommended', `${recommendation.value}`, '', recommendation.flag] as const] : []),
  ]
}

const hasObjectives = (result: ReportResult): boolean =>
  result.findings.points.some((p) => p.objectives.length > 0)

/** A sentence has no room for an interval: without one it says so in a word. */
const about = (q: Quantile | null): string => `${bounded(q) ? '' : 'about '}${ms(q?.value)}`

function runVerdict(point: PointFindings): string {
  const missed = point.objectives.filter((o) => o.verdict === 'missed').length
  const met = point.objectives.filter((o) => o.verdict === 'met').length
  const of = point.objectives.length
  if (of > 0 && met === of)
    return of === 1 ? 'The objective is met.' : `${of === 2 ? 'Both' : `All ${of}`} objectives are met.`
  if (missed > 0) return `${missed} of ${of} objectives ${missed === 1 ? 'is' : 'are'} missed.`
  if (of > 0) return `${met} of ${of} objectives are met, the others are not settled.`
  return sentence(
    `One stream runs at ${inUnit(point.metrics.perStreamTokensPerS.p50?.value, 'tokens/s')}; half of the first tokens come within ${about(point.metrics.ttft.p50)}${lostText(point)}`,
  )
}

/** Fewer than these are a footnote; more belong into the first sentence. */
const LOST = 0.01

function lostText({ planned, states }: PointFindings): string {
  const share = planned > 0 ? 1 - states.completed / planned : 0
  return share < LOST ? '' : `; ${percent(share)} of the requests did not complete`
}

function runAnswer(point: PointFindings | undefined): Html {
  if (!point) return html`<p class="verdict">Nothing was measured.</p>`
  const { metrics, throughput, window } = point
  const list: readonly Tile[] = [
    [
      'Time to first token',
      median(metrics.ttft.p50, ms),
      '',
      `median; p99 ${quantile(metrics.ttft.p99, 'ms')}, instrument ${plusMinus(point, 'ttft')}`,
    ],
    [
      'Speed of one stream',
      median(metrics.perStreamTokensPerS.p50, num),
      'tok/s',
      `median; p5 ${num(boundedValue(metrics.perStreamTokensPerS.p5))}, instrument ${plusMinus(point, 'perStreamTokensPerS')}`,
    ],
    [
      'All streams',
      num(throughput.outputTokensPerS),
      'tok/s',
      `${num(throughput.requestsPerS)} requests/s, ${num(throughput.meanInFlight)} in flight`,
    ],
    [
      'Completed',
      percent(point.planned > 0 ? point.states.completed / point.planned : null),
      '',
      `${whole(point.states.completed)} of ${whole(point.planned)}; ${whole(window.requests)} measured`,
    ],
  ]
  return html`<p class="verdict">${runVerdict(point)}</p>
${tiles(list)}`
}

const SIGNS: Readonly<Record<ObjectiveFinding['verdict'], readonly [sign: string, tone: string]>> = {
  met: ['✓', 'good'],
  missed: ['✗', 'bad'],
  unclear: ['?', 'warn'],
  'not measured': ['·', 'calm'],
}

/** Objectives down, points across; verdict by sign, word and colour. */
export function objectivesTable(result: ReportResult): Html {
  const { points } = result.findings
  const objectives = points[0]?.objectives ?? []
  if (objectives.length === 0) return nothing
  const heads = points.map((p) => Object.values(p.setting.axes).map(num).join(' × ') || 'measured')
  const across = points.length > 1 ? ` by ${result.findings.dimensions.map(dimensionLabel).join(' × ')}` : ''
  return table({
    caption: `Objectives${across}, in their own unit: ✓ met, ✗ missed, ? limit inside the 95 % interval, · not measured`,
    columns: [{ head: 'objective' }, ...heads.map((head) => ({ head, figure: true }))],
    rows: objectives.map((o, i) => [
      o.text,
      ...points.map((p) => verdictCell(p.objectives[i], points.length === 1)),
    ]),
  })
}

function verdictCell(o: ObjectiveFinding | undefined, full: boolean): Cell {
  if (!o) return { show: '–', raw: '' }
  const [sign, tone] = SIGNS[o.verdict]
  const range = full && o.low !== null && o.high !== null ? ` (${interval(o.low, o.high, o.unit)})` : ''
  const value = o.value === null ? '' : ` ${full ? inUnit(o.value, o.unit) : num(o.value)}${range}`
  return {
    show: html`<span class="${tone}"><b class="tone" aria-label="${o.verdict}">${sign}</b></span>${value}`,
    raw: `${o.verdict}${value}`,
  }
}
