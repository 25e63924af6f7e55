import { formatBytes } from '../../../base/index.js'
import type { RunManifest } from '../../../record/index.js'
import { percent, utc } from '../../format.js'
import { type Html, html } from '../../html.js'
import { facts } from '../../table.js'
import { knobName, type TuneView } from '../view.js'
import { duration, goalText } from '../words.js'

/** What was asked, of what, and with what. */
export function environmentSection(view: TuneView): Html {
  const { tune, runs } = view
  const [run] = Object.values(runs)
  const up = tune.settings.flatMap((s) => s.starts).findLast((s) => s.kind === 'started')
  const version = up?.kind === 'started' ? (up.facts.version ?? up.target?.version) : undefined
  return html`<section id="environment"><h2>What was asked, and on what</h2>${facts([
    ['Goal', goalText(tune.goal)],
    ['Objectives', tune.objectives.join('; ') || 'none'],
    ...tune.knobs.map(
      (k) =>
        [`Varied: ${knobName(k)}`, `${k.values.join(', ')}; default ${k.default ?? 'not told'}`] as const,
    ),
    [
      'Plan',
      `${tune.plan}${tune.budgetS === null ? ', no bound on engine time' : `, at most ${duration(tune.budgetS)} of engine time`}`,
    ],
    ['Chance of a wrong decision', `at most ${percent(tune.level)} at one load`],
    ['Engine', `${tune.engine.kind}${version === undefined ? '' : ` ${version}`}`],
    ['Model', tune.engine.model],
    ...(run === undefined ? [] : machineOf(run.manifest)),
    ['Workload', tune.workloadHash],
    ['Tool', `${tune.tool.name} ${tune.tool.version}`],
    ['Start', utc(tune.startedAtUtc)],
    ['End', utc(tune.endedAtUtc)],
  ])}</section>`
}

const machineOf = ({ machine, transport }: RunManifest): readonly (readonly [string, string])[] => [
  [
    'Machine',
    `${machine.cpuModel}, ${machine.cpus} CPUs, ${formatBytes(machine.memoryBytes)}, ${machine.platform}, Node ${machine.node}`,
  ],
  ...(transport === undefined ? [] : [['Transport', transport.name] as const]),
]

const WORDS: readonly (readonly [string, string])[] = [
  ['Goodput', 'Requests per second that completed and met every objective.'],
  [
    'Shown to pass',
    'The upper bound of the share that missed is at most what each objective allows: 1 % for a p99.',
  ],
  ['Shown to fail', 'The lower bound of the share that missed is above what an objective allows.'],
  ['Undecided', 'Neither, within the requests that a look at a load may take.'],
  [
    'Holds',
    'The highest load, below every one that did not, at which no more missed than may. The search goes by it; to plan with, take what was shown to pass.',
  ],
  ['Piles up', 'Requests in flight still rose at the end: more was offered than done.'],
  ['Engine time', 'Seconds in which an engine was starting or measured, of all sessions of the search.'],
  [
    'Interval of the gain',
    'Best over default in pairs measured in turns, as the mean of the logarithms of their ratios with its 95 % t interval.',
  ],
]

export const definitionsSection = (): Html =>
  html`<section id="definitions"><h2>Definitions</h2><dl class="defs">${WORDS.map(([term, meaning]) => html`<dt>${term}</dt><dd>${meaning}</dd>`)}</dl></section>`

export const reproduceSection = ({ tune }: TuneView): Html =>
  html`<section id="reproduce"><h2>Reproduce</h2><p class="lead">Run again beside its results folder, it repeats no trial that was finished.</p><pre><code data-copy>${tune.command}</code></pre></section>`
