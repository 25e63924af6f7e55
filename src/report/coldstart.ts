import {
  arrivalSentences,
  COLD_PHASE_WORDS,
  coldTime,
  coldVerdict,
  costSentences,
  scaleSentences,
  steadySentence,
} from '../analyse/index.js'
import { formatBytes } from '../base/index.js'
import type { ColdStart, ColdStartReport } from '../record/index.js'
import { arrivalChart, phaseChart, scaleChart } from './charts/coldstart.js'
import { arrivalTable, milestoneTable, phaseTable, scaleTable, startTable } from './coldstart-tables.js'
import { figure } from './figure.js'
import { plural, utc } from './format.js'
import { type Html, html, nothing } from './html.js'
import { page } from './page.js'
import { facts, table } from './table.js'
import { visible } from './visible.js'

/**
 * One self-contained HTML file about cold starts. The same input gives the same bytes.
 * @throws ChartError when a chart could not be drawn without a warning
 */
export async function renderColdStart(input: ColdStartReport): Promise<string> {
  const report = visible(input)
  const { machine, startedAtUtc, tool, engine } = report
  const version = engine.version === undefined ? '' : ` ${engine.version}`
  return page({
    title: `Cold start of ${engine.kind}${version}`,
    description: coldVerdict(report),
    meta: `${machine.cpuModel} · ${plural(machine.cpus, 'core')} · ${utc(startedAtUtc)}`,
    tool: `${tool.name} ${tool.version}`,
    data: report,
    sections: [
      { id: 'answer', name: 'Answer', body: answer(report) },
      { id: 'phases', name: 'Phases', body: await phaseSection(report) },
      { id: 'arrivals', name: 'Requests meanwhile', body: await arrivalSection(report) },
      { id: 'scale-out', name: 'Scale-out', body: await scaleSection(report) },
      { id: 'cost', name: 'Cost', body: costSection(report) },
      { id: 'environment', name: 'Environment', body: environment(report) },
    ],
  })
}

function answer(report: ColdStartReport): Html {
  const { figures, notes, failedStarts } = report
  const tile = (name: string, value: string): Html => {
    const [main = '', rest] = value.split(' (')
    return html`<div><dt>${name}</dt><dd>${main}${rest !== undefined && html`<small>95 %: ${rest.replace(')', '')}</small>`}</dd></div>`
  }
  const tiles = figures && [
    tile('Port open', coldTime(figures.portOpenNs)),
    tile('Healthy', coldTime(figures.healthyNs)),
    tile('First token', coldTime(figures.firstTokenNs)),
    tile('TTFT p95 steady', coldTime(figures.steadyNs)),
  ]
  const kept = [...failedStarts.map(({ number, message }) => `Start ${number} failed: ${message}`), ...notes]
  return html`<section id="answer"><p class="verdict">${coldVerdict(report)}</p>
<p class="sub">${steadySentence(report)}</p>${tiles && html`<dl class="tiles">${tiles}</dl>`}${kept.length > 0 && html`<div class="box calm"><h3>To keep in mind</h3><ul>${kept.map((note) => html`<li>${note}</li>`)}</ul></div>`}</section>`
}

async function phaseSection({ starts, figures }: ColdStartReport): Promise<Html> {
  if (figures === null) return nothing
  const longest = figures.phases.map(({ name, ns }) => `${COLD_PHASE_WORDS[name]} ${coldTime(ns)}`).join('; ')
  const drawn = await figure({
    id: 'start-phases',
    title: 'Where the time goes, start by start',
    summary: `${longest}. The phases of a start add up to its whole.`,
    spec: (narrow) => phaseChart(starts, narrow),
    data: startTable(starts),
  })
  return html`<section id="phases"><h2>Phases</h2>${table(phaseTable(figures))}${drawn}${table(milestoneTable(figures))}</section>`
}

/** The start in the middle, by its whole: one picture, not the luckiest. */
const typical = (starts: readonly ColdStart[]): ColdStart | undefined =>
  starts.toSorted((a, b) => a.firstTokenNs - b.firstTokenNs)[Math.floor((starts.length - 1) / 2)]

async function arrivalSection(report: ColdStartReport): Promise<Html> {
  const start = typical(report.starts)
  if (start === undefined || start.requests.length === 0) return nothing
  const said = arrivalSentences(report)
  const drawn = await figure({
    id: 'requests-meanwhile',
    title: `Requests of start ${report.starts.indexOf(start) + 1}, the one in the middle`,
    summary: said[0] ?? `The load began with the first token: ${report.load.words}.`,
    spec: (narrow) => arrivalChart(start, narrow),
    data: arrivalTable(report.starts),
  })
  return html`<section id="arrivals"><h2>Requests meanwhile</h2>${said.map((text) => html`<p>${text}</p>`)}${drawn}</section>`
}

async function scaleSection({ scaleOut }: ColdStartReport): Promise<Html> {
  if (scaleOut === null) return nothing
  const said = scaleSentences(scaleOut)
  const drawn = await figure({
    id: 'scale-out-course',
    title: 'A second replica joins',
    summary: said.slice(0, 2).join(' '),
    spec: (narrow) => scaleChart(scaleOut, narrow),
    data: scaleTable(scaleOut),
  })
  return html`<section id="scale-out"><h2>Scale-out</h2>${said.map((text) => html`<p>${text}</p>`)}${table(scaleTable(scaleOut))}${drawn}</section>`
}

function costSection(report: ColdStartReport): Html {
  const said = costSentences(report)
  return said.length === 0
    ? nothing
    : html`<section id="cost"><h2>Cost</h2>${said.map((text) => html`<p>${text}</p>`)}</section>`
}

function environment({
  machine,
  command,
  engine,
  load,
  startedAtUtc,
  settleS,
  dropped,
  tool,
}: ColdStartReport): Html {
  const rows = [
    ['Engine', engine.commandLine],
    [
      'Load',
      `${load.words}; ${load.duringStart ? 'from the command on' : 'from the first token on'}; retries: ${load.retry}`,
    ],
    ['Watched after the first token', `${settleS} s`],
    ['Page cache', dropped ? 'told to drop the model before each start' : 'left as it was'],
    ['Machine', `${machine.cpuModel}, ${plural(machine.cpus, 'core')}, ${formatBytes(machine.memoryBytes)}`],
    ['System', machine.platform],
    ['Tool', `${tool.name} ${tool.version}`],
    ['Made', utc(startedAtUtc)],
    ['Command', command],
  ] as const
  return html`<section id="environment"><h2>Environment</h2>${facts(rows)}</section>`
}
