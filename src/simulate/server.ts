import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { FalloffError } from '../base/index.js'
import { Agenda } from './agenda.js'
import type { Backend, Capacity } from './backend.js'
import type { Description } from './description-schema.js'
import { EngineBackend } from './engine-backend.js'
import { createFaultSource, type FaultRule } from './faults.js'
import { FixedBackend } from './fixed-backend.js'
import type { Context } from './generate.js'
import { createLoader } from './loader.js'
import { RateLimiter } from './rate-limits.js'
import { createRouter } from './routes.js'
import { createSendLog } from './send-log.js'

export interface SimulatorOptions {
  readonly description: Description
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly faults: readonly FaultRule[]
  /** File for the NDJSON log of every event sent, written when the server closes. */
  readonly sendLog?: string | undefined
  /** Called once per line that the engine would log at start. */
  readonly onLogLine?: (line: string) => void
}

export interface Simulator {
  readonly url: string
  /** Requests that the server still works on. */
  active(): number
  /** Cuts every connection, stops the engine and writes the send log. */
  close(): Promise<void>
}

/** Starts a simulated server; resolves once it listens. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { description, onLogLine = () => {} } = options
  const agenda = new Agenda()
  const backend = backendOf(description, agenda)
  const context = contextOf(options, agenda, backend)
  if (backend.capacity)
    for (const line of capacityLines(backend.capacity, context.maxModelLen)) onLogLine(line)
  const server = createServer({ keepAlive: true }, createRouter(context))
  server.keepAliveTimeout = 75_000
  server.requestTimeout = 0
  await listen(server, options)
  const { address, family, port } = server.address() as AddressInfo
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    active: () => backend.gauges().running + backend.gauges().waiting,
    close: async () => {
      agenda.close()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
      context.log.close()
    },
  }
}

const backendOf = (description: Description, agenda: Agenda): Backend =>
  description.kind === 'fixed'
    ? new FixedBackend(description, agenda)
    : new EngineBackend(description, agenda)

/** What a server without an engine says it can run at once: it runs as much as comes. */
const FIXED_SLOTS = 256

function contextOf(
  { description, faults, sendLog }: SimulatorOptions,
  agenda: Agenda,
  backend: Backend,
): Context {
  const { simulator } = description
  const isFixed = description.kind === 'fixed'
  let serial = 0
  return {
    backend,
    agenda,
    model: isFixed ? description.timing.servedModel : description.model.servedModel,
    maxModelLen: isFixed ? description.timing.maxModelLen : description.scheduler.maxModelLen,
    slots: isFixed ? FIXED_SLOTS : description.scheduler.maxNumSeqs,
    settings: simulator,
    limiter: simulator.rateLimits && new RateLimiter(simulator.rateLimits),
    loader: createLoader(simulator.coldStartS),
    log: createSendLog(sendLog),
    nextFaults: createFaultSource(faults, simulator.seed),
    nextSerial: () => ++serial,
  }
}

/** The lines by which the engine's log reveals its capacity. */
function capacityLines(capacity: Capacity, maxModelLen: number): string[] {
  const grouped = (n: number) => n.toLocaleString('en-US')
  const { kvCacheGiB, tokens, maxConcurrency } = capacity
  return [
    `Available KV cache memory: ${kvCacheGiB.toFixed(2)} GiB`,
    `GPU KV cache size: ${grouped(tokens)} tokens`,
    `Maximum concurrency for ${grouped(maxModelLen)} tokens per request: ${maxConcurrency.toFixed(2)}x`,
  ]
}

function listen(server: Server, { host, port }: SimulatorOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const hint =
        cause.code === 'EADDRINUSE'
          ? 'Choose another --port, or 0 for any free one.'
          : 'Check --host and --port.'
      reject(
        new FalloffError('CANNOT_LISTEN', `cannot listen on ${host}:${port}: ${cause.message}`, {
          hint,
          cause,
        }),
      )
    })
    server.listen({ host, port, backlog: 4096 }, resolve)
  })
}
