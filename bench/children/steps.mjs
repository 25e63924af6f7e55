// What each step between socket and record costs, for reads of one event. Prints a line of JSON: ns of CPU per event; the
// steps above the socket each include those before.
import { setImmediate as turn } from 'node:timers/promises'
import { createEpoll } from '../../dist/kernel/index.js'
import { cannedAnswer } from '../lib/canned-answer.mjs'
import { leastCpuNs } from '../lib/cpu.mjs'
import { answerReader, apart, clock, pathSteps } from '../lib/path-steps.mjs'
import { socketPairs } from '../lib/socket-pairs.mjs'

const TOKENS = 200
const ANSWERS = 500
const ANSWERS_IN_TURN = 5
const TURNS_TO_BATCH = 20
const PAIRS = 256
const READ_ROUNDS = 100

async function costOf(step, answer) {
  const readOne = answerReader(step, answer)
  const all = async () => {
    for (let i = 1; i <= ANSWERS / ANSWERS_IN_TURN; i++) {
      for (let j = 0; j < ANSWERS_IN_TURN; j++) readOne()
      await turn()
      if (i % TURNS_TO_BATCH === 0) step.rest?.()
    }
  }
  return leastCpuNs(all, ANSWERS * TOKENS)
}

/** The reads alone: the sends between them are not counted. */
function readCost(packet) {
  const pairs = socketPairs(PAIRS, clock.nowNs)
  const costs = []
  for (let round = 0; round < READ_ROUNDS; round++) {
    pairs.sendAll(packet)
    const before = process.cpuUsage()
    if (pairs.receiveAll() !== packet.length * PAIRS) throw new Error('a packet did not come whole')
    const { user, system } = process.cpuUsage(before)
    costs.push(((user + system) * 1000) / PAIRS)
  }
  const epoll = createEpoll(pairs.libc)
  return { reads: costs.sort((a, b) => a - b), epoll }
}

const { place, folder } = JSON.parse(process.argv[2])
const answer = await cannedAnswer(place, TOKENS)
if (answer.packets.length !== TOKENS + 1)
  throw new Error(`${answer.packets.length - 1} events for ${TOKENS} tokens`)
const steps = {}
for (const [name, step] of Object.entries(pathSteps(folder))) steps[name] = await costOf(step, answer)

const { from, to } = answer.packets[TOKENS >> 1]
const { reads, epoll } = readCost(answer.bytes.subarray(from, to))
const CALLS = 100_000
const repeat = (work) => () => {
  for (let i = 0; i < CALLS; i++) work()
}
const result = {
  eventBytes: to - from,
  // A tenth from the least: some rounds are still being compiled, some disturbed.
  read: reads[READ_ROUNDS / 10],
  look: await leastCpuNs(
    repeat(() => epoll.poll(0)),
    CALLS,
  ),
  clock: await leastCpuNs(repeat(clock.nowNs), CALLS),
  steps,
  apart: (await costOf(apart, answer)) - steps.http,
}
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
