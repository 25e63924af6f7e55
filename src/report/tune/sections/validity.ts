import type { Validity, ValidityFinding } from '../../../analyse/index.js'
import { plural, sentence } from '../../format.js'
import { type Html, html } from '../../html.js'
import type { TuneView } from '../view.js'

const ORDER: readonly Validity['verdict'][] = ['VALID', 'VALID WITH CAVEATS', 'INVALID']
const TONES: Readonly<Record<Validity['verdict'], string>> = {
  VALID: 'good',
  'VALID WITH CAVEATS': 'warn',
  INVALID: 'bad',
}

/** Whether the runs that the answer rests on may be believed. A search judges with fewer requests than a percentile asks for: that is its own matter. */
export function validitySection({ runs, tune }: TuneView): Html {
  const judged = Object.entries(runs)
  if (judged.length === 0) return unjudged(tune.trials.length)
  const worst = Math.max(...judged.map(([, { validity }]) => ORDER.indexOf(validity.verdict)))
  const verdict = ORDER[worst] ?? 'INVALID'
  const found = grouped(judged.map(([trial, { validity }]) => ({ trial, findings: validity.findings })))
  const grave = found.filter(({ finding }) => finding.severity === 'invalid')
  const rest = found.filter((f) => !grave.includes(f))
  const of =
    judged.length === 1
      ? 'The verdict on the one run that was read.'
      : `The worst verdict among the ${plural(judged.length, 'run')} that ${tune.result?.confirmation ? 'the answer rests on' : 'were read'}.`
  return html`<section id="validity" aria-label="Validity" style="margin-top:1.5rem"><div class="box ${TONES[verdict]}">
<h3>${verdict}</h3><p>${of}</p>${grave.length > 0 && listOf(grave)}
${rest.length > 0 && html`<details class="data"><summary>${plural(rest.length, 'finding')} to read the figures by</summary>${listOf(rest)}</details>`}</div></section>`
}

const listOf = (found: readonly Grouped[]): Html =>
  html`<ul>${found.map(
    ({ finding, trials }) =>
      html`<li>${finding.severity !== 'caveat' && html`<b>${finding.severity}: </b>`}${sentence(finding.message)} <span>${finding.advice} In ${trials.length > 4 ? plural(trials.length, 'run') : trials.join(', ')}.</span></li>`,
  )}</ul>`

const unjudged = (trials: number): Html =>
  trials === 0
    ? html`<section id="validity" aria-label="Validity" style="margin-top:1.5rem"><div class="box calm"><h3>Nothing was measured</h3><p>There is nothing to judge.</p></div></section>`
    : html`<section id="validity" aria-label="Validity" style="margin-top:1.5rem"><div class="box warn"><h3>NOT JUDGED</h3><p>The run folders of the trials are not beside tune.json: whether the instrument was good enough cannot be said here.</p></div></section>`

interface Grouped {
  readonly finding: ValidityFinding
  readonly trials: readonly string[]
}

/** One line a kind of finding, with the words of the first trial that has it. */
function grouped(
  of: readonly { readonly trial: string; readonly findings: readonly ValidityFinding[] }[],
): readonly Grouped[] {
  const byCode = new Map<string, Grouped>()
  for (const { trial, findings } of of) {
    for (const finding of findings) {
      const before = byCode.get(finding.code)
      byCode.set(finding.code, {
        finding: before?.finding ?? finding,
        trials: [...(before?.trials ?? []), trial],
      })
    }
  }
  return [...byCode.values()]
}
