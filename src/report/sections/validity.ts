import type { Validity } from '../../analyse/index.js'
import { THRESHOLDS, type ThresholdName } from '../../profile/index.js'
import type { RunManifest } from '../../record/index.js'
import { ABSENT, inUnit, percent, sentence } from '../format.js'
import { type Html, html, nothing } from '../html.js'
import type { ReportResult } from '../input.js'
import { fig, figures, table, text } from '../table.js'

const TONES: Readonly<Record<Validity['verdict'], string>> = {
  VALID: 'good',
  'VALID WITH CAVEATS': 'warn',
  INVALID: 'bad',
}
const MEANING: Readonly<Record<Validity['verdict'], string>> = {
  VALID: 'The instrument found nothing to hold against these figures.',
  'VALID WITH CAVEATS': 'The figures stand, read with the following in mind.',
  INVALID: 'These figures must not be quoted.',
}

/** Whether the measurement may be believed, beside the answer and not at the end. */
export function validitySection(results: readonly ReportResult[]): Html {
  const named = results.length > 1
  return html`<section id="validity" aria-label="Validity" style="margin-top:1.5rem">${results.map((r) => box(r, named ? r.name : ''))}</section>`
}

type Finding = Validity['findings'][number]

const box = (
  { findings: { validity }, manifests }: ReportResult,
  name: string,
): Html => html`<div class="box ${TONES[validity.verdict]}">
<h3>${validity.verdict}${name !== '' && html` · <bdi>${name}</bdi>`}</h3><p>${MEANING[validity.verdict]}</p>
${validity.findings.length > 0 && html`<ul>${validity.findings.map((f) => html`<li>${MARKS[f.severity]}${sentence(f.message)} <span>${f.advice}</span></li>`)}</ul>`}
${evidenceOf(validity.findings)}${changedOf(manifests[0])}</div>`

const MARKS: Readonly<Record<Finding['severity'], Html>> = {
  invalid: html`<b class="tone">invalid: </b>`,
  caveat: nothing,
  note: html`<b>note: </b>`,
}

/** Each finding's figure against its bound. */
function evidenceOf(findings: readonly Finding[]): Html {
  const counted = findings.filter((f) => f.seen !== null)
  if (counted.length === 0) return nothing
  return html`<details class="data"><summary>Evidence: what was seen, and what is allowed</summary>${table({
    caption: 'Evidence of each finding; docs/validity.md gives the reason of every bound',
    columns: [text('finding'), text('weight'), ...figures('seen', 'allowed')],
    rows: counted.map((f) => [
      { show: html`<code>${f.code}</code>`, raw: f.code },
      f.severity,
      fig(f.seen, (v) => inEvidence(v, f.unit)),
      { show: boundOf(f), raw: f.allowed },
    ]),
  })}</details>`
}

/** What was seen lies on the wrong side of the bound, and so tells which side is right. */
function boundOf({ seen, allowed, unit }: Finding): string {
  if (seen === null || allowed === null) return ABSENT
  return `${seen > allowed ? '≤' : '≥'} ${inEvidence(allowed, unit)}`
}

function inEvidence(value: number | null | undefined, unit: string): string {
  return unit === 'share' ? percent(value) : inUnit(value, unit)
}

/** Thresholds that are not the defaults: a verdict by other rules must say so. */
function changedOf(manifest: RunManifest | undefined): Html {
  const changed = Object.entries(manifest?.profile.validity ?? {}).filter(
    ([name, value]) => Object.hasOwn(THRESHOLDS, name) && value !== THRESHOLDS[name as ThresholdName].value,
  )
  if (changed.length === 0) return nothing
  const list = changed.map(
    ([name, v]) => `${name} ${v} instead of ${THRESHOLDS[name as ThresholdName].value}`,
  )
  return html`<p>Judged by thresholds of the profile: ${list.join(', ')}.</p>`
}
