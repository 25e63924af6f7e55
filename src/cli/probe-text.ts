import type { Finding, FindingGroup } from '../probe/index.js'
import { wrap } from './layout.js'

/** Between two columns. */
const GAP = '  '
/** A value may take so much of what a name leaves; how it was found gets the rest. */
const SHOWN_SHARE = 0.5

/** Tables of what, value and how. Ends without a line feed. */
export function probeText(url: string, groups: readonly FindingGroup[], width: number): string {
  const nameWidth = longest(groups.flatMap(({ findings }) => findings.map(({ name }) => name)))
  return [
    `What answers at ${url}`,
    ...groups.flatMap(({ title, findings }) => ['', title, ...tableOf(findings, nameWidth, width)]),
  ].join('\n')
}

function tableOf(findings: readonly Finding[], nameWidth: number, width: number): string[] {
  const rest = width - nameWidth - 3 * GAP.length
  const shownWidth = Math.min(longest(findings.map(({ shown }) => shown)), Math.floor(rest * SHOWN_SHARE))
  return findings.flatMap(({ name, shown, how }) => {
    const left = column(shown, shownWidth)
    const right = column(how, rest - shownWidth)
    return Array.from({ length: Math.max(left.length, right.length) }, (_, line) =>
      [
        ...['', (line === 0 ? name : '').padEnd(nameWidth)],
        ...[(left[line] ?? '').padEnd(shownWidth), right[line] ?? ''],
      ]
        .join(GAP)
        .trimEnd(),
    )
  })
}

const longest = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => text.length))

/** Words too long for a line are cut: names of models and addresses know no bounds. */
const column = (text: string, width: number): string[] =>
  wrap(visible(text), width).flatMap((line) => line.match(new RegExp(`.{1,${width}}`, 'gu')) ?? [''])

/** What a server says must not move the cursor. */
const visible = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
