// One contender in a process of its own: warms up, then measures what an event costs it. Prints a line of JSON.
import { setTimeout as wait } from 'node:timers/promises'
import { threadSchedule } from '../../dist/base/index.js'
import { holdOpen } from '../lib/hold-open.mjs'
import { residentBytes } from '../lib/proc.mjs'

const AT_ONCE = { ttftMs: 0, gapMs: 0 }
const TICK_MS = 500
const COMPILE_MS = 1000
const COMPILE_STREAMS = 16

/** What is counted up to now. */
function reading(contender) {
  const { user, system } = process.cpuUsage()
  return {
    wallNs: Number(process.hrtime.bigint()),
    userNs: user * 1000,
    systemNs: system * 1000,
    threadNs: threadSchedule()?.ranNs ?? Number.NaN,
    units: contender.units(),
  }
}

/** @returns {Record<string, number>} */
const difference = (after, before) =>
  Object.fromEntries(Object.keys(after).map((name) => [name, after[name] - before[name]]))

/** As many events as can be had, until the compiler has nothing left to do. */
async function compile(forMs) {
  const untilMs = performance.now() + forMs
  const stream = async (index) => {
    while (performance.now() < untilMs) await contender.answer(index, load.tokens, AT_ONCE)
  }
  await Promise.all(Array.from({ length: COMPILE_STREAMS }, (_, i) => stream(i)))
  contender.tick?.()
}

const { name, place, load, warmMs, measureMs } = JSON.parse(process.argv[2])
const { open } = await import(`../contenders/${name}.mjs`)
const contender = await open(place)
await contender.answer(0, load.tokens, AT_ONCE)
const unitsPerAnswer = contender.units()
await compile(COMPILE_MS)

const counts = holdOpen(contender, load)
if (contender.tick) setInterval(contender.tick, TICK_MS)
await wait(load.spreadMs + warmMs)
const answersBefore = counts.answers
const before = reading(contender)
await wait(measureMs)
const spent = difference(reading(contender), before)
const result = {
  unitsPerAnswer,
  ...spent,
  answers: counts.answers - answersBefore,
  failed: counts.failed,
  lastFailure: counts.lastFailure,
  residentBytes: residentBytes('self'),
}
// Thousands of answers are under way and are not wanted any more.
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
