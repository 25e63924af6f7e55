import { formatBytes } from '../base/index.js'
import type { Calibration, CalibrationPoint } from '../record/index.js'
import { calibrationTables } from './calibration-tables.js'
import { boundSentence, boundsIn, boundText, reservations, STAMPED_BY, time } from './calibration-words.js'
import { calibrationChart, type LoadSeries } from './charts/calibration.js'
import { figure } from './figure.js'
import { ABSENT, ms, plural, utc, whole } from './format.js'
import { type Html, html } from './html.js'
import { page } from './page.js'
import { facts, table } from './table.js'
import { visible } from './visible.js'

/**
 * One self-contained HTML file about a calibration. The same input gives the same bytes.
 * @throws ChartError when a chart could not be drawn without a warning
 */
export async function renderCalibration(input: Calibration): Promise<string> {
  const calibration = visible(input)
  const { machine, madeAtUtc, tool } = calibration
  return page({
    title: 'Calibration: the instrument measures itself',
    description: boundSentence(calibration),
    meta: `${machine.cpuModel} · ${plural(machine.cpus, 'core')} · Node ${machine.node} · ${utc(madeAtUtc)}`,
    tool: `${tool.name} ${tool.version}`,
    data: calibration,
    sections: [
      { id: 'answer', name: 'Answer', body: answer(calibration) },
      { id: 'error', name: 'Error and load', body: await errorSection(calibration) },
      { id: 'points', name: 'All points', body: pointsSection(calibration) },
      { id: 'reading', name: 'How to read it', body: READING },
      { id: 'environment', name: 'Environment', body: environment(calibration) },
    ],
  })
}

function answer(calibration: Calibration): Html {
  const { bounds, boundMs } = calibration
  const tiles = boundsIn(bounds).map(([name, bound]) => {
    const cpu = bound.cpuPerEventNs === null ? ABSENT : time(bound.cpuPerEventNs / 1e6)
    const note = bound.streams === 0 ? '' : `${whole(bound.eventsPerS)} events/s, ${cpu} of CPU an event`
    return html`<div><dt>A worker with ${STAMPED_BY[name]}</dt><dd>${boundText(bound)}<small>${note}</small></dd></div>`
  })
  const notes = reservations(calibration)
  return html`<section id="answer"><p class="verdict">${boundSentence(calibration)}</p>
<p class="sub">A load is within ${ms(boundMs)} where the p99 of the error of stamps, of TTFT and of gaps is at most that, at it and at every smaller load measured.</p>
<dl class="tiles">${tiles}</dl>${notes.length > 0 && html`<div class="box warn"><h3>To keep in mind</h3><ul>${notes.map((note) => html`<li>${note}</li>`)}</ul></div>`}</section>`
}

/** The plain shape at the pace of which there are most points: the one that the bound is about. */
function loadSeries({ points }: Calibration): readonly LoadSeries[] {
  const plain = points.filter(({ shape }) => shape === 'plain')
  const pace = plain[0]?.eventsPerS
  return (['kernel', 'undici'] as const).flatMap((transport) => {
    const own = plain.filter((point) => point.transport === transport && point.eventsPerS === pace)
    return own.length === 0 ? [] : [{ transport, points: own.toSorted((a, b) => a.streams - b.streams) }]
  })
}

async function errorSection(calibration: Calibration): Promise<Html> {
  const series = loadSeries(calibration)
  const [first] = series
  if (!first) return html`<section id="error"><h2>Error and load</h2><p>Nothing was measured.</p></section>`
  const drawn = await figure({
    id: 'error-by-streams',
    title: `Error of our times, streams of ${whole(first.points[0]?.eventsPerS)} events/s`,
    summary: `${series.map(summaryOf).join(' ')} “est.” is the p99 that the run’s own canary streams told at the same time.`,
    spec: (narrow) => calibrationChart(series, calibration.boundMs, narrow),
    data: calibrationTables(series.flatMap(({ points }) => points)),
  })
  return html`<section id="error"><h2>Error and load</h2>${drawn}</section>`
}

function summaryOf({ transport, points }: LoadSeries): string {
  const least = points[0]
  const most = points.at(-1)
  const says = (point: CalibrationPoint | undefined): string =>
    `${time(point?.stamp?.p50Ms)} at p50 and ${time(point?.stamp?.p99Ms)} at p99 with ${plural(point?.streams ?? 0, 'stream')}`
  const rest = least === most ? '' : `, ${says(most)}`
  return `With ${STAMPED_BY[transport]}, a stamp errs by ${says(least)}${rest}.`
}

const pointsSection = ({ points }: Calibration): Html =>
  html`<section id="points"><h2>All points</h2>${calibrationTables(points).map(table)}</section>`

const READING = html`<section id="reading"><h2>How to read it</h2>
<p>An emitter in a process of its own writes streams of events and logs when each request arrived, by the kernel’s stamp, and when each event went, right before the call that sends it. Each point is a run like any other against it: the same workers, transport, decoder and records. Every chunk of every measured request is then joined with the write that it comes from, on the monotonic clock that all processes of a machine share.</p>
<ul><li><b>Stamp:</b> our stamp of the chunk − its write. What is left when nothing goes wrong is the time that loopback takes.</li>
<li><b>TTFT:</b> (first chunk − send) − (first write − arrival).</li>
<li><b>Gap:</b> (chunk − chunk before) − (write − write before). A lateness that all chunks share cancels in it.</li>
<li><b>Bias:</b> the signed mean; positive where we say more than there was.</li>
<li><b>Canary / true:</b> the p99 that the canary streams of the same run told, over the true one. 1 is perfect.</li>
<li><b>Coalesced:</b> chunks that shared a read, and so a stamp, with the one before. <b>By us:</b> of these, those that may have come apart while we were away.</li>
<li><b>Core wait:</b> share of the time in which a worker could have run and had no core. Where it is high, the machine was busy with other things, and the errors are theirs too.</li></ul></section>`

function environment({ machine, command, madeAtUtc, workers, boundMs, tool }: Calibration): Html {
  const rows = [
    ['Machine', `${machine.cpuModel}, ${plural(machine.cpus, 'core')}, ${formatBytes(machine.memoryBytes)}`],
    ['System', machine.platform],
    ['Node', machine.node],
    ['Tool', `${tool.name} ${tool.version}`],
    ['Made', utc(madeAtUtc)],
    ['Workers', whole(workers)],
    ['Bound for p99', ms(boundMs)],
    ['Command', command],
  ] as const
  return html`<section id="environment"><h2>Environment</h2>${facts(rows)}</section>`
}
