import { stringify } from 'yaml'
import { METRICS } from '../../analyse/index.js'
import { formatBytes } from '../../base/index.js'
import type { RunManifest } from '../../record/index.js'
import { utc, whole } from '../format.js'
import { type Html, html, nothing } from '../html.js'
import type { ReportResult } from '../input.js'
import { facts, table, text } from '../table.js'
import { watchedRows } from '../watched.js'

/** On what, with what, when. */
export function environmentSection(results: readonly ReportResult[]): Html {
  const parts = results.map((r) => {
    const [first] = r.manifests
    return html`${results.length > 1 && html`<h3><bdi>${r.name}</bdi></h3>`}${first ? facts(environmentOf(first, r.manifests.at(-1) ?? first, r)) : html`<p>No manifest was found.</p>`}`
  })
  return html`<section id="environment"><h2>On what it was measured</h2>${parts}</section>`
}

function environmentOf(
  first: RunManifest,
  last: RunManifest,
  result: ReportResult,
): readonly (readonly [string, string])[] {
  const { target, machine, tokens } = first
  const known = (name: string, value: string | number | boolean | undefined) =>
    value === undefined ? [] : [[name, typeof value === 'number' ? whole(value) : String(value)] as const]
  return [
    ['Target', target.url],
    ['Model', target.model],
    ['API', target.api],
    ...known('Engine', target.engine && `${target.engine}${target.version ? ` ${target.version}` : ''}`),
    ...known('max_num_seqs', target.maxNumSeqs),
    ...known('max_num_batched_tokens', target.maxNumBatchedTokens),
    ...known('Longest context', target.maxModelLen),
    ...known('KV cache, tokens', target.kvCacheTokens),
    ...known('KV cache, blocks', target.kvBlocks),
    ...known('Tokens per block', target.kvBlockSize),
    ...known('Prefix caching', target.prefixCaching),
    ...watchedRows(target),
    ...Object.entries(target.config ?? {}).map(([k, v]) => [`engine: ${k}`, v] as const),
    ['Prompt length from', tokens.source],
    ['Exact output asked for', String(tokens.exactOutput)],
    ['Token count on every chunk', String(tokens.chunkUsage)],
    [
      'Client',
      `${machine.cpuModel}, ${machine.cpus} CPUs, ${formatBytes(machine.memoryBytes)}, ${machine.platform}, Node ${machine.node}`,
    ],
    ['Workers', whole(first.workers)],
    ['Tool', result.findings.tool],
    ['Start', utc(first.startedAtUtc)],
    ['End', utc(last.endedAtUtc)],
    ['Stopped because', [...new Set(result.manifests.map((m) => m.stopReason ?? 'unknown'))].join(', ')],
  ]
}

/** What every word in this report means, from the declarations that the program itself works by. */
export const definitionsSection = (): Html => html`<section id="definitions"><h2>Definitions</h2>
<p class="lead">Percentiles are order statistics (nearest rank) of the measured window; intervals are distribution-free, 95 %. Times come from one monotonic clock.</p>
<details><summary>Metrics</summary><dl class="defs">${METRICS.map(
  (m) => html`<dt>${m.label} <small>(<code>${m.name}</code>, ${m.unit})</small></dt>
<dd><code>${m.formula}</code>. Needs ${m.needs}. Absent when ${m.absentWhen}. Other tools: ${m.dialects}.</dd>`,
)}</dl></details>
<details><summary>Glossary</summary><dl class="defs">${GLOSSARY.map(([term, meaning]) => html`<dt>${term}</dt><dd>${meaning}</dd>`)}</dl></details></section>`

const GLOSSARY: readonly (readonly [string, string])[] = [
  ['Knee', 'The load from which more load brings hardly more throughput, and each request pays for it.'],
  ['Goodput', 'Requests per second that completed and met every objective.'],
  [
    'Speed of one stream',
    'Output tokens of one request per second of its decoding: what a reader sees scroll by.',
  ],
  ['Prefill', 'The engine reads the prompt and fills the KV cache for it; ends with the first token.'],
  [
    'KV cache',
    'Memory that holds keys and values of every token in progress. When it is full, requests wait or are preempted.',
  ],
  ['Preemption', 'The engine takes the cache from a running request and computes it again later.'],
  [
    'max_num_seqs',
    'How many requests the engine runs at once. Too low leaves the GPU idle, too high overfills the cache.',
  ],
  [
    'Closed loop, open loop',
    'Closed: a fixed number of requests in flight. Open: requests start when the plan says, answered or not.',
  ],
  [
    'Lateness',
    'How long after its planned moment a request was sent. Large lateness is our fault, not the server’s.',
  ],
  [
    'Canary',
    'Local streams whose true times are known, read beside the load by the same code: how far their stamps are off is the instrument’s own error.',
  ],
  ['Window', 'The steady stretch that figures stand for: without warm-up, transient and drain.'],
]

/** Enough to do it again, and to check that it is the same. */
export function reproduceSection(results: readonly ReportResult[]): Html {
  const parts = results.map((r) => {
    const [first] = r.manifests
    if (!first) return nothing
    return html`${results.length > 1 && html`<h3><bdi>${r.name}</bdi></h3>`}<pre><code data-copy>${first.command}</code></pre>
${facts([
  ['Workload hash', html`<code>${first.workloadHash}</code>`],
  [
    'Seeds',
    Object.entries(first.profile.seeds)
      .map(([k, v]) => `${k} ${v}`)
      .join(', '),
  ],
])}
<details><summary>Profile, all defaults filled in</summary><pre>${stringify(first.profile, { sortMapEntries: false })}</pre></details>
${digestsOf(r)}`
  })
  return html`<section id="reproduce"><h2>How to reproduce</h2>${parts}</section>`
}

function digestsOf(result: ReportResult): Html {
  const digests = Object.entries(result.digests ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))
  if (digests.length === 0) return nothing
  return html`<details><summary>SHA-256 of the record files</summary>${table({ caption: 'Record files', columns: [text('file'), text('SHA-256')], rows: digests.map(([file, digest]) => [file, { show: html`<code>${digest}</code>`, raw: digest }]) })}</details>`
}
