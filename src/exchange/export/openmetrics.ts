import type { Family, Sample } from './series.js'

/**
 * The OpenMetrics text format, which a reader of Prometheus' older text format takes as well: of its types only those are used
 * that both know. A sample with a moment of its own has it in seconds.
 */
export function openMetricsText(families: readonly Family[]): string {
  return `${families.map(familyText).join('')}# EOF\n`
}

function familyText({ name, type, unit, help, samples }: Family): string {
  const head = [
    `# TYPE ${name} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${escaped(help)}`,
  ]
  return [...head, ...samples.map((sample) => sampleText(name, sample))].map((line) => `${line}\n`).join('')
}

function sampleText(name: string, { suffix, labels, value, atMs }: Sample): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`)
  const moment = atMs === undefined ? '' : ` ${(atMs / 1000).toFixed(3)}`
  return `${name}${suffix ?? ''}{${pairs.join(',')}} ${value}${moment}`
}

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
