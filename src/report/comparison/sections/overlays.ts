import { type Html, html, nothing } from '../../html.js'
import type { Page } from '../../page.js'
import { objectivesTable, verdictOf } from '../../sections/answer.js'
import { environmentSection } from '../../sections/background.js'
import { causeSection, confirmationSection, recommendationSection } from '../../sections/cause.js'
import { falloffSection, throughputSection } from '../../sections/charts.js'
import { courseSection, heatSection } from '../../sections/course.js'
import { instrumentSection, metricsSection } from '../../sections/instrument.js'
import { limitsSection, retriesSection } from '../../sections/retries.js'
import { validitySection } from '../../sections/validity.js'
import type { ComparisonView } from '../view.js'

/** Results of which the page tells what each found by itself: with more, lines over each other cannot be told apart. */
const MOST_RESULTS = 6

interface Overlays {
  /** After the comparison's own charts. */
  readonly charts: Page['sections']
  /** Before the list of runs. */
  readonly details: Page['sections']
}

/** What a report on each result alone would say, laid over each other. */
export async function overlays({ results }: ComparisonView): Promise<Overlays> {
  if (results.length === 0 || results.length > MOST_RESULTS) return { charts: [], details: [] }
  const swept = results.filter((r) => r.findings.kind === 'sweep')
  const ofSweeps = async (make: (results: typeof swept) => Html | Promise<Html>): Promise<Html> =>
    swept.length > 0 ? await make(swept) : nothing
  return {
    charts: [
      { id: 'each', name: 'Each alone', body: eachSection(results) },
      { id: 'falloff', name: 'Falloff', body: await ofSweeps(falloffSection) },
      { id: 'cause', name: 'Cause', body: causeSection(swept) },
      { id: 'recommendation', name: 'Setting', body: recommendationSection(swept) },
      { id: 'confirmation', name: 'Confirmation', body: await confirmationSection(swept) },
      { id: 'throughput', name: 'Throughput', body: await ofSweeps(throughputSection) },
      { id: 'heat', name: 'Batch size', body: await heatSection(swept) },
      { id: 'course', name: 'Over time', body: await courseSection(results) },
    ],
    details: [
      { id: 'retries', name: 'Retries', body: await retriesSection(results) },
      { id: 'limits', name: 'Limits', body: limitsSection(results) },
      { id: 'metrics', name: 'Figures', body: metricsSection(results) },
      { id: 'instrument', name: 'Instrument', body: await instrumentSection(results) },
      { id: 'environment', name: 'Environment', body: environmentSection(results) },
    ],
  }
}

/** The verdict of each, its objectives and its validity. */
const eachSection = (results: ComparisonView['results']): Html =>
  html`<section id="each"><h2>Each result by itself</h2>
${results.map((r) => html`<p class="verdict of"><bdi>${r.name}</bdi>: ${verdictOf(r)}</p>${objectivesTable(r)}`)}</section>
${validitySection(results)}`
