import { runChild } from '../lib/children.mjs'
import { startServer } from '../lib/server.mjs'
import { figure } from '../lib/table.mjs'

const LABELS = {
  http: 'HTTP: chunk framing found',
  decode: 'SSE and JSON: an event, known by what stands around its text',
  exchange: 'stamps and counts kept for the record and the batch',
  record: 'record made, written as a line (by the event, 200 in a record)',
  histogram: 'value put into a histogram',
}

const NOTE =
  'An event of a thousand paced streams, read on its own: least of several rounds, CPU of the whole process. What is above the ' +
  'socket is fed from memory; each step is the difference from a path that ends before it. Waking up, which a paced event pays ' +
  'for as well, is in the tables above only.'

/** Where an event's time goes. @param {import('../bench.mjs').Setting} setting */
export async function steps({ folder }) {
  const server = await startServer()
  try {
    const figures = await runChild('steps', { place: { url: server.url, model: server.model }, folder })
    return [{ ...tableOf(figures), figures, aims: [] }]
  } finally {
    await server.stop()
  }
}

function tableOf({ read, look, clock, eventBytes, steps: sums, apart }) {
  const rows = [
    [`\`recvmsg\` through FFI, ${eventBytes} bytes with their stamp`, figure(read)],
    ['`epoll_wait` through FFI that finds nothing (by the look, of two each)', figure(look)],
    ['clock asked (by the look, twice)', figure(clock)],
  ]
  let before = 0
  for (const [name, sum] of Object.entries(sums)) {
    rows.push([LABELS[name], figure(sum - before)])
    before = sum
  }
  rows.push(['(an event that is not like the last, found and its JSON read)', `(${figure(apart)})`])
  rows.push(['all of it above the socket', figure(before)])
  return { title: 'From socket to record, step by step', note: NOTE, header: ['step', 'CPU, ns'], rows }
}
