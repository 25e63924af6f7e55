import autocannon from 'autocannon'
import { monotonicNs, NS_PER_MS } from '../../base/index.js'
import type { FloorJob, FloorSample } from './job.js'

/** Entry of the floor's process: reads a job from standard input, asks as fast as the answers come, prints a sample. */

/** Autocannon looks whether it is over only when it samples. */
const SAMPLE_MS = 100
const TIMEOUT_S = 10
/** Nobody answers: no use in going on. */
const MOST_ERRORS = 1000

function cannonOptions(job: FloorJob): autocannon.Options {
  return {
    url: job.url,
    method: job.method,
    headers: { ...job.headers },
    ...(job.body !== undefined && { body: job.body }),
    connections: Math.min(job.connections, job.amount),
    pipelining: 1,
    // Its `amount` would set the duration aside.
    duration: job.seconds,
    maxOverallRequests: job.amount,
    timeout: TIMEOUT_S,
    bailout: MOST_ERRORS,
    sampleInt: SAMPLE_MS,
  } as autocannon.Options
}

/** Its own histogram holds whole milliseconds, in which a loopback answer is nothing: every latency is kept instead. */
function fire(job: FloorJob): Promise<FloorSample> {
  const latenciesNs: number[] = []
  let answers = 0
  const beganNs = monotonicNs()
  let lastNs = beganNs
  return new Promise((resolve, reject) => {
    const running = autocannon(cannonOptions(job), (error: unknown, result) => {
      if (error) reject(error)
      else {
        resolve({
          latenciesNs,
          tookNs: Math.round(lastNs - beganNs),
          answers,
          non2xx: answers - latenciesNs.length,
          errors: result.errors,
        })
      }
    })
    running.on('response', (_client, status, _bytes, responseMs) => {
      answers++
      lastNs = monotonicNs()
      if (status >= 200 && status < 300) latenciesNs.push(Math.round(responseMs * NS_PER_MS))
    })
  })
}

let text = ''
for await (const piece of process.stdin) text += piece
const sample = await fire(JSON.parse(text) as FloorJob)
process.stdout.write(`${JSON.stringify(sample)}\n`, () => process.exit(0))
