// Writes what is generated from the source: JSON Schemas and docs/metrics.md. `--check` writes nothing and fails on any difference.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { METRICS, profileJsonSchema, summaryJsonSchema } from '../dist/index.js'

const json = (value) => `${JSON.stringify(value, null, 2)}\n`

const cell = (text) => text.replaceAll('|', '\\|')

const metricPage = () => `# Metrics

<!-- Generated from src/analyse/metrics.ts by \`npm run generate\`. -->

Every figure is worked out from the records in \`requests-*.ndjson\`, whose times are nanoseconds on one monotonic clock.
Two clocks hold for every request: from its scheduled time (what a user feels) and from its send (what the server did).
Percentiles are nearest-rank; their 95 % intervals assume no distribution: exact order statistics for independent values, and
the same at the effective number of values where requests depend on their neighbours (docs/design/0003-statistics.md).

${METRICS.map(
  (m) => `## ${m.label}

\`${m.name}\`, in ${m.unit}; ${m.better === 'neither' ? 'neither direction is better' : `${m.better} is better`}.

| | |
|---|---|
| formula | ${cell(m.formula)} |
| needs | ${cell(m.needs)} |
| absent when | ${cell(m.absentWhen)} |
| elsewhere | ${cell(m.dialects)} |
`,
).join('\n')}`

const files = {
  'schema/profile.schema.json': json(profileJsonSchema()),
  'schema/summary.schema.json': json(summaryJsonSchema()),
  'docs/metrics.md': metricPage(),
}

const check = process.argv.includes('--check')
let stale = 0
for (const [path, text] of Object.entries(files)) {
  let old = ''
  try {
    old = readFileSync(path, 'utf8')
  } catch {
    // Not there yet.
  }
  if (old === text) continue
  if (check) {
    stale++
    console.error(`${path} is not what the source generates; run npm run generate`)
  } else {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    console.log(`wrote ${path}`)
  }
}
process.exit(stale > 0 ? 1 : 0)
