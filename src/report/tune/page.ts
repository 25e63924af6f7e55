import { basename } from 'node:path'
import { utc } from '../format.js'
import type { Chart } from '../html.js'
import { type Page, page } from '../page.js'
import { visible } from '../visible.js'
import type { TuneInput } from './input.js'
import { answerSection, descriptionOf } from './sections/answer.js'
import { definitionsSection, environmentSection, reproduceSection } from './sections/background.js'
import { capacitySection } from './sections/capacity.js'
import { engineSection } from './sections/engine.js'
import { frontierSection } from './sections/frontier.js'
import { mapSection } from './sections/map.js'
import { openSection } from './sections/open.js'
import { searchSection } from './sections/search.js'
import { startsSection } from './sections/starts.js'
import { trialsSection } from './sections/trials.js'
import { validitySection } from './sections/validity.js'
import { whySection } from './sections/why.js'
import { viewOf } from './view.js'

/**
 * One self-contained HTML file about a search for settings, finished or not. The same input gives the same bytes.
 * @throws ChartError when a chart could not be drawn without a warning
 */
export const renderTune = async (input: TuneInput): Promise<string> => page(await contentOf(input))

/** The charts of that file, in its order. */
export const tuneCharts = async (input: TuneInput): Promise<readonly Chart[]> =>
  (await contentOf(input)).sections.flatMap(({ body }) => body.charts)

async function contentOf(input: TuneInput): Promise<Page> {
  const view = viewOf(visible(input))
  const { tune, runs } = view
  return {
    title: `Tuning ${basename(tune.engine.model)}: ${tune.name}`,
    description: descriptionOf(view),
    meta: `${basename(tune.engine.model)} on ${tune.engine.kind} · ${tune.plan} search · ${utc(tune.startedAtUtc)}`,
    tool: `${tune.tool.name} ${tune.tool.version}`,
    data: { tune, validity: Object.fromEntries(Object.entries(runs).map(([id, run]) => [id, run.validity])) },
    sections: [
      { id: 'answer', name: 'Answer', body: answerSection(view) },
      { id: 'validity', name: 'Validity', body: validitySection(view) },
      { id: 'why', name: 'Why', body: whySection(view) },
      { id: 'open', name: 'Left open', body: openSection(view) },
      { id: 'map-section', name: 'Settings and load', body: await mapSection(view) },
      { id: 'frontier', name: 'Goodput and latency', body: await frontierSection(view) },
      { id: 'engine', name: 'Inside the engine', body: await engineSection(view) },
      { id: 'capacity', name: 'Capacity', body: await capacitySection(view) },
      { id: 'search', name: 'Search', body: await searchSection(view) },
      { id: 'starts', name: 'Starts', body: await startsSection(view) },
      { id: 'trials', name: 'Trials', body: trialsSection(view) },
      { id: 'environment', name: 'Environment', body: environmentSection(view) },
      { id: 'definitions', name: 'Definitions', body: definitionsSection() },
      { id: 'reproduce', name: 'Reproduce', body: reproduceSection(view) },
    ],
  }
}
