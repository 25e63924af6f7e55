import { formatNs, formatNumber } from '../../base/index.js'
import { compilesAnew, NO_BYTECODE } from '../../launch/index.js'
import type { Profile } from '../../profile/index.js'
import type { ColdStart } from '../../record/index.js'
import { type ColdSetup, isOpenLoad, knowsPort } from './setup.js'

/** `poisson arrivals, 2 a second`. */
export function loadWords({ load }: Profile): string {
  if (load.kind === 'closed') return `${load.concurrency} in flight`
  if (load.kind === 'stages') return 'the stages of the profile'
  if (load.kind === 'trace') return 'the arrivals of the trace'
  return `${load.kind} arrivals, ${formatNumber(load.ratePerS)} a second`
}

/** A p95 is of the largest value or two below so many. */
const FEW = 40

/** What a reader has to know to take the figures for what they are. */
export function notesOf(setup: ColdSetup, starts: readonly ColdStart[]): readonly string[] {
  return [
    'A rehearsal came first and is not counted: it told the model and how it counts tokens, and left what a first start leaves in caches.',
    ...loadNotes(setup),
    ...cacheNotes(setup, starts),
    ...bytecodeNotes(setup, starts),
    ...steadyNotes(setup, starts),
    ...(setup.choice.kind === 'simulator'
      ? ['The simulator says nothing of its start: all of it is one phase.']
      : []),
  ]
}

function loadNotes({ profile, choice }: ColdSetup): readonly string[] {
  if (!isOpenLoad(profile)) {
    return [
      'A closed load waits for answers, so that nothing arrives during the start; give --rate to see what becomes of requests meanwhile.',
    ]
  }
  if (knowsPort(choice)) return []
  return [
    `No requests were sent during the start: of an engine by ${choice.place.kind} the address is known only then.`,
  ]
}

function cacheNotes({ dropPageCache, files }: ColdSetup, starts: readonly ColdStart[]): readonly string[] {
  if (!dropPageCache) return []
  const troubles = [...new Set(starts.flatMap(({ cache }) => cache?.drop?.note ?? []))]
  const done = starts.every(({ cache }) => cache?.drop?.done === true)
  const what = `The page cache was told to drop the model’s ${files.length === 1 ? 'file' : `${files.length} files`} before each start`
  const rest = 'Programs, libraries and what was compiled before stayed in it.'
  const seen = done && troubles.length === 0 ? '; fincore saw them gone' : ''
  return [`${what}${seen}. ${rest}`, ...troubles.map((note) => `Page cache: ${note}.`)]
}

/** What goes by until Python has read the engine's modules. */
const READS_MODULES: readonly string[] = ['process', 'import']

function bytecodeNotes({ choice }: ColdSetup, starts: readonly ColdStart[]): readonly string[] {
  if (!compilesAnew(choice)) return []
  const spentNs = starts.map(({ phases }) =>
    phases.filter(({ name }) => READS_MODULES.includes(name)).reduce((sum, p) => sum + p.toNs - p.fromNs, 0),
  )
  const meanNs = spentNs.reduce((a, b) => a + b, 0) / spentNs.length
  const took = meanNs > 0 ? ` (process and imports took ${formatNs(meanNs)} here)` : ''
  return [
    `${NO_BYTECODE} is set: Python compiles every module anew at each start${took}. Unset it, or compile the engine’s packages once with python -m compileall; many container images set it to save space.`,
  ]
}

function steadyNotes({ settleS }: ColdSetup, starts: readonly ColdStart[]): readonly string[] {
  const rising = starts.filter(({ steady }) => steady?.rising).length
  const unsettled = starts.filter(({ steady }) => steady?.atNs === null).length - rising
  const least = Math.min(...starts.map(({ steady }) => steady?.finalN ?? Number.POSITIVE_INFINITY))
  return [
    ...(unsettled === 0
      ? []
      : [
          `${unsettled} of ${starts.length} starts did not become steady within ${settleS} s after the first token; raise --settle.`,
        ]),
    ...(rising === 0
      ? []
      : [
          `At the end of ${rising} of ${starts.length} starts the TTFT p95 still rose: the load may be more than the engine can serve.`,
        ]),
    ...(least < FEW
      ? [
          `The final TTFT p95 is of as few as ${least} requests; a longer --settle or a higher rate tells more.`,
        ]
      : []),
  ]
}
