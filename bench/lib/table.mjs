/** @param {readonly string[]} header @param {readonly (readonly string[])[]} rows */
export function markdownTable(header, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`
  return [line(header), `|${'---|'.repeat(header.length)}`, ...rows.map(line)].join('\n')
}

/** Three significant digits and thousands apart. @param {number} value */
export function figure(value) {
  if (!Number.isFinite(value)) return '–'
  if (Math.abs(value) >= 1000) return Math.round(Number(value.toPrecision(4))).toLocaleString('en-US')
  return String(Number(value.toPrecision(3)))
}

/** Median, least and most. @param {{ median: number, least: number, most: number }} s */
export const spreadText = (s) =>
  s.least === s.most ? figure(s.median) : `${figure(s.median)} (${figure(s.least)} to ${figure(s.most)})`

/**
 * An aim beside its figure.
 * @param {string} text the aim @param {boolean} met
 * @returns {{ text: string, met: boolean }}
 */
export const aim = (text, met) => ({ text, met })

/** @param {{ text: string, met: boolean } | undefined} a */
export const aimText = (a) => (a === undefined ? '' : `${a.text}: ${a.met ? 'met' : '**missed**'}`)
