// Memory of open streams: reads its own size, opens them all, reads it again, and lets each come to its end. Prints a line of
// JSON. Needs --expose-gc.
import { setTimeout as wait } from 'node:timers/promises'
import { residentBytes } from '../lib/proc.mjs'

const AT_ONCE = { ttftMs: 0, gapMs: 0 }
/** So many answers at once before the first reading: what is needed once is there. */
const FIRST = 50
const SETTLE_MS = 300

async function collected() {
  for (let i = 0; i < 3; i++) {
    globalThis.gc()
    await wait(SETTLE_MS / 3)
  }
  return { rss: residentBytes('self') ?? Number.NaN, heap: process.memoryUsage().heapUsed }
}

const { name, place, load } = JSON.parse(process.argv[2])
const { open } = await import(`../contenders/${name}.mjs`)
const contender = await open(place)
const { streams, tokens, shape, spreadMs } = load
await Promise.all(Array.from({ length: FIRST }, (_, i) => contender.answer(i, tokens, AT_ONCE)))
contender.tick?.()
const before = await collected()

let ended = 0
const answers = Array.from({ length: streams }, async (_, i) => {
  await wait((spreadMs * i) / streams)
  await contender.answer(FIRST + i, tokens, shape)
  ended++
})
const outcome = Promise.allSettled(answers)
await wait(spreadMs + shape.ttftMs)
const open_ = streams - ended
const during = await collected()
const settled = await outcome
const failed = settled.filter((s) => s.status === 'rejected')
const result = {
  open: open_,
  completed: streams - failed.length,
  failed: failed.length,
  firstFailure: failed.length > 0 ? String(failed[0].reason) : '',
  residentPerStream: (during.rss - before.rss) / open_,
  heapPerStream: (during.heap - before.heap) / open_,
}
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
