import type { CheckVerdict, Examination } from '../machine/index.js'
import { wrap } from './layout.js'

export interface TextOptions {
  readonly width: number
  readonly colour: boolean
}

type Check = Examination['checks'][number]

/** Codes of the terminal's own colours. */
const COLOURS: Readonly<Record<CheckVerdict, number>> = { ok: 32, warning: 33, problem: 31, 'not told': 90 }

/** One line a check; what is wanted and what to change stands below those that need it. Ends without a line feed. */
export function doctorText({ need, checks, fit }: Examination, { width, colour }: TextOptions): string {
  const paint = (verdict: CheckVerdict, text: string): string =>
    colour ? `\x1b[${COLOURS[verdict]}m${text}\x1b[0m` : text
  const nameWidth = Math.max(...checks.map(({ name }) => name.length)) + 2
  const indent = VERDICT_WIDTH + nameWidth
  const linesOf = (check: Check): string[] => [
    ...hanging(check.name.padEnd(nameWidth), check.seen, indent, width).map((line, row) =>
      row === 0 ? paint(check.verdict, check.verdict.padEnd(VERDICT_WIDTH)) + line : line,
    ),
    ...adviceOf(check).flatMap(([label, text]) =>
      hanging(' '.repeat(indent) + label.padEnd(LABEL_WIDTH), text, indent + LABEL_WIDTH, width),
    ),
  ]
  return [
    `Is this machine fit for ${needText(need)}?`,
    '',
    ...checks.flatMap(linesOf),
    '',
    paint(fit ? 'ok' : 'problem', conclusion(checks)),
  ].join('\n')
}

const VERDICT_WIDTH = 'not told'.length + 2
const LABEL_WIDTH = 'wanted'.length + 2

const adviceOf = ({ wanted, change }: Check): readonly (readonly [string, string])[] =>
  change === null
    ? []
    : [
        ['wanted', wanted],
        ['change', change],
      ]

/** `head` and then the text, whose further lines begin at `indent`. `head` may be short of it by what is put before it. */
function hanging(head: string, text: string, indent: number, width: number): string[] {
  return wrap(text, Math.max(20, width - indent)).map((line, row) =>
    row === 0 ? head + line : ' '.repeat(indent) + line,
  )
}

const counted = (n: number, word: string): string =>
  `${n.toLocaleString('en-US')} ${word}${n === 1 ? '' : 's'}`

function needText({ streams, ratePerS }: Examination['need']): string {
  const rate = ratePerS === undefined ? '' : `, ${ratePerS.toLocaleString('en-US')} starts a second`
  return `${counted(streams, 'stream')} at once${rate}`
}

function conclusion(checks: readonly Check[]): string {
  const [problems = 0, warnings = 0] = (['problem', 'warning'] as const).map(
    (verdict) => checks.filter((check) => check.verdict === verdict).length,
  )
  if (problems > 0) return `Not fit: ${counted(problems, 'problem')}, ${counted(warnings, 'warning')}.`
  return warnings > 0 ? `Fit, with ${counted(warnings, 'warning')}.` : 'Fit.'
}
