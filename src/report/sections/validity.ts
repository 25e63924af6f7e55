import type { Validity } from '../../analyse/index.js'
import { type Html, html } from '../html.js'
import type { ReportResult } from '../input.js'

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
  return html`<section id="validity" aria-label="Validity" style="margin-top:1.5rem">${results.map((r) => box(r.findings.validity, named ? r.name : ''))}</section>`
}

const box = (validity: Validity, name: string): Html => html`<div class="box ${TONES[validity.verdict]}">
<h3>${validity.verdict}${name !== '' && html` · <bdi>${name}</bdi>`}</h3><p>${MEANING[validity.verdict]}</p>
${validity.findings.length > 0 && html`<ul>${validity.findings.map((f) => html`<li>${f.severity === 'invalid' && html`<b class="tone">invalid: </b>`}${f.message} <span>${f.advice}</span></li>`)}</ul>`}</div>`
