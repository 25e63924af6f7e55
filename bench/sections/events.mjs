import { runChild, runToEnd } from '../lib/children.mjs'
import { compile } from '../lib/compile.mjs'
import { startServer } from '../lib/server.mjs'
import { ratio, spread } from '../lib/statistics.mjs'
import { aim, aimText, spreadText } from '../lib/table.mjs'

/** What each contender is called, in the order in which they take turns. */
const CONTENDERS = {
  'path-kernel': 'whole path, kernel transport',
  'bytes-kernel': 'byte counter on the kernel transport',
  'path-undici': 'whole path, undici transport',
  'bytes-undici': 'byte counter on the undici transport',
  dispatch: 'bare undici `dispatch`',
  fetch: '`fetch`, body reader',
  openai: '`openai` package, streaming iterator',
}
const FLOOR = 'reader.c'

const PACED = {
  title: '1,000 streams of 50 events/s',
  load: { streams: 1000, tokens: 200, shape: { ttftMs: 20, gapMs: 20 }, spreadMs: 500 },
  warmMs: 700,
  measureMs: 1700,
  offeredPerS: 50_000,
  columns: ['name', 'perS', 'cpu', 'overFloor', 'busy', 'serverBusy'],
}
const FLAT_OUT = {
  title: 'Flat out, 32 streams',
  load: { streams: 32, tokens: 1000, shape: { ttftMs: 0, gapMs: 0 }, spreadMs: 50 },
  warmMs: 300,
  measureMs: 1200,
  offeredPerS: undefined,
  // Reads grow with the time a reader takes: what an event costs is no measure of the reader here, what it gets through is.
  columns: ['name', 'perS', 'cpu', 'busy', 'serverBusy'],
}

/** How far from the offered rate counts as having kept up with it. */
const KEPT_UP = 0.99

/** Events per second and CPU per event of all contenders, paced and flat out. @param {import('../bench.mjs').Setting} setting */
export async function events({ folder, rounds, contenders }) {
  const unknown = contenders?.filter((name) => !Object.hasOwn(CONTENDERS, name)) ?? []
  if (unknown.length > 0)
    throw new Error(`no contender named ${unknown.join(', ')}: ${Object.keys(CONTENDERS).join(', ')}`)
  const server = await startServer()
  const floor = compile('reader', folder)
  try {
    const tables = []
    for (const scene of [PACED, FLAT_OUT]) {
      const results = await playRounds(scene, { server, floor, folder, rounds, contenders })
      tables.push(tableOf(scene, results, rounds))
    }
    return tables
  } finally {
    await server.stop()
  }
}

/** All contenders once, then all again: what the machine does meanwhile, it does to all of them. */
async function playRounds(scene, { server, floor, folder, rounds, contenders }) {
  const names = Object.keys(CONTENDERS).filter((name) => contenders?.includes(name) ?? true)
  const results = Object.fromEntries([FLOOR, ...names].map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    if (floor.binary) results[FLOOR].push(await measured(scene, server, () => runFloor(scene, floor, server)))
    for (const name of names) {
      const { load, warmMs, measureMs } = scene
      const place = { url: server.url, model: server.model, folder }
      const job = { name, place, load, warmMs, measureMs }
      results[name].push(await measured(scene, server, () => runChild('contend', job)))
    }
  }
  if (floor.reason) results[FLOOR] = floor.reason
  return results
}

async function runFloor({ load, warmMs, measureMs }, { binary }, { port }) {
  const { streams, tokens, shape, spreadMs } = load
  const args = [port, streams, tokens, shape.ttftMs, shape.gapMs, spreadMs, warmMs, measureMs].map(String)
  return JSON.parse(await runToEnd([binary, ...args]))
}

/** @returns what a contender did in its steady part, by the event */
async function measured({ load }, server, run) {
  const serverBefore = server.ranNs()
  const began = process.hrtime.bigint()
  const r = await run()
  const tookNs = Number(process.hrtime.bigint() - began)
  const events = (r.units / r.unitsPerAnswer) * load.tokens
  return {
    perS: (events / r.wallNs) * 1e9,
    cpuUs: (r.userNs + r.systemNs) / events / 1000,
    systemUs: r.systemNs / events / 1000,
    busy: (r.userNs + r.systemNs) / r.wallNs,
    serverBusy: (server.ranNs() - serverBefore) / tookNs,
    failed: r.failed ?? 0,
  }
}

function tableOf(scene, results, rounds) {
  const floors = Array.isArray(results[FLOOR]) ? results[FLOOR].map((r) => r.cpuUs) : undefined
  const rows = []
  const figures = {}
  const aims = []
  for (const [name, found] of Object.entries(results)) {
    if (!Array.isArray(found)) {
      rows.push([labelOf(name), `not measured: ${found}`, ...scene.columns.slice(2).map(() => ''), ''])
      continue
    }
    const f = figuresOf(found, floors)
    const reached = aimsOf(scene, name, f)
    aims.push(...reached.map((a) => ({ figure: `${scene.title}, ${labelOf(name)}`, ...a })))
    figures[name] = { ...f, rounds: found }
    const cells = { name: labelOf(name), ...cellsOf(f) }
    rows.push([...scene.columns.map((column) => cells[column]), reached.map(aimText).join('; ')])
  }
  const header = [...scene.columns.map((column) => HEADERS[column]), 'aim']
  return { title: scene.title, note: noteOf(scene, rounds), header, rows, figures, aims }
}

const HEADERS = {
  name: '',
  perS: 'events/s',
  cpu: 'CPU per event, µs',
  overFloor: '× C reader',
  busy: 'busy',
  serverBusy: 'server busy',
}

const percent = (share) => `${Math.round(share * 100)} %`

const cellsOf = (f) => ({
  perS: `${spreadText(f.perS)}${f.failed > 0 ? `; ${f.failed} streams failed` : ''}`,
  cpu: spreadText(f.cpuUs),
  overFloor: f.overFloor === undefined ? 'not measured' : f.overFloor.toFixed(2),
  busy: percent(f.busy.median),
  serverBusy: percent(f.serverBusy.median),
})

const noteOf = ({ load, warmMs, measureMs }, rounds) =>
  `Answers of ${load.tokens} tokens, one event each. Each contender in a process of its own, in turns: ${load.spreadMs / 1000} s ` +
  `to open the streams, ${warmMs / 1000} s to settle, then ${measureMs / 1000} s that count, after a warm-up flat out that compiles ` +
  `everything. CPU is that of the whole process, ` +
  `user and system; median of ${rounds} rounds (least to most).`

const labelOf = (name) => CONTENDERS[name] ?? 'C: `epoll_wait`, `recvmsg`, one search'

function figuresOf(found, floors) {
  const of = (field) => found.map((r) => r[field])
  return {
    perS: spread(of('perS')),
    cpuUs: spread(of('cpuUs')),
    systemUs: spread(of('systemUs')),
    busy: spread(of('busy')),
    serverBusy: spread(of('serverBusy')),
    overFloor: floors && ratio(of('cpuUs'), floors),
    failed: of('failed').reduce((sum, n) => sum + n, 0),
  }
}

/** What the project has set itself, on the contender that it is about. */
function aimsOf(scene, name, f) {
  if (name !== 'path-kernel') return []
  if (scene === FLAT_OUT) return [aim('≥ 60,000 events/s', f.perS.median >= 60_000)]
  const keptUp = f.perS.median >= KEPT_UP * scene.offeredPerS
  const rate = aim('≥ 50,000 events/s', keptUp)
  return f.overFloor === undefined ? [rate] : [rate, aim('≤ 1.6 × C', f.overFloor <= 1.6)]
}
