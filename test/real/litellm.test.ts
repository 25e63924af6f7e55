import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startLitellm } from './litellm.js'
import { type Prompt, type Run, run, timesOutOfOrder, troubles } from './run.js'
import type { ServerProcess } from './server-process.js'
import { type SimulatorProcess, startSimulator } from './simulator.js'

/**
 * A gateway that nobody here wrote between falloff and the simulated engine. The engine answers the same prompt with the
 * same tokens, so what comes through the gateway has to count like what comes straight from it.
 */
const ENGINE = 'mistral-7b-a10g'
/** Through which API falloff speaks to the gateway, and the one that the gateway then speaks to the engine. */
const APIS = {
  'openai-chat': 'openai-chat',
  'openai-completions': 'openai-completions',
  'openai-responses': 'openai-chat',
  'anthropic-messages': 'openai-chat',
} as const
type ApiName = keyof typeof APIS
const NAMES = Object.keys(APIS) as ApiName[]

const PROMPTS: readonly Prompt[] = Array.from({ length: 12 }, (_, i) => ({
  prompt: `Number ${i}: what is a gateway${' and then'.repeat(i)}?`,
  outputTokens: 8 + i,
}))

/** What stands behind the gateway under which name: one server in order, and one that fails in each way. */
const FAULTS = { sound: [], limited: ['rate-limit=1'], broken: ['server-error=1'] } as const
type RouteName = keyof typeof FAULTS
const ROUTES = Object.keys(FAULTS) as RouteName[]

const masterKey = `sk-${randomBytes(16).toString('hex')}`
const simulators = new Map<RouteName, SimulatorProcess>()
let gateway: ServerProcess | undefined

beforeAll(async () => {
  for (const name of ROUTES) simulators.set(name, await startSimulator(ENGINE, FAULTS[name]))
  gateway = await startLitellm({ routes: Object.fromEntries(simulators), masterKey })
})
afterAll(async () => {
  await gateway?.stop()
  for (const simulator of simulators.values()) await simulator.stop()
})

/** @param key null sends none */
function throughGateway(api: string, model: RouteName, key: string | null = masterKey): Promise<Run> {
  if (!gateway) throw new Error('no gateway')
  return run({
    ...{ url: gateway.url, api, model, prompts: PROMPTS, concurrency: 4 },
    ...(key !== null && {
      headers: { authorization: 'Bearer ${GATEWAY_KEY}' },
      env: { GATEWAY_KEY: key },
    }),
  })
}

/** Each API is asked without the gateway once, whoever wants to compare. */
const without = new Map<string, Promise<Run>>()

function straight(api: string): Promise<Run> {
  const sound = simulators.get('sound')
  if (!sound) throw new Error('no simulator')
  const asked =
    without.get(api) ??
    run({
      ...{ url: sound.url, api, model: sound.model, prompts: PROMPTS, concurrency: 4 },
      exactOutput: 'off',
    })
  without.set(api, asked)
  return asked
}

const counts = ({ records }: Run) => records.map((r) => [r.index, r.inputTokens, r.outputTokens])
const failures = ({ records }: Run) =>
  new Set(records.map((r) => `${r.state} ${r.error?.code} ${r.httpStatus}`))

describe.each(NAMES)('LiteLLM’s proxy in front of the simulator, through %s', (api) => {
  it('passes every request on, and the tokens count as they do without it', async () => {
    const [through, direct] = [await throughGateway(api, 'sound'), await straight(APIS[api])]
    expect(troubles(through)).toEqual([])
    expect(troubles(direct)).toEqual([])
    expect(through.records).toHaveLength(PROMPTS.length)
    expect(timesOutOfOrder(through)).toEqual([])
    expect(through.manifest.target.engine).toBe('litellm')
    expect(counts(through)).toEqual(counts(direct))
    expect(through.records.every((r) => r.tokenSource === 'usage')).toBe(true)
    // The simulator writes a chunk a token, and the gateway passes each on: nothing else may count as output.
    expect(through.records.map((r) => r.chunks.length / 2)).toEqual(
      through.records.map((r) => r.outputTokens),
    )
  })
})

describe.each(['openai-chat', 'anthropic-messages'] as const)(
  'what LiteLLM’s proxy refuses, through %s',
  (api) => {
    it('is classified when the engine refused it', async () => {
      expect(failures(await throughGateway(api, 'limited'))).toEqual(new Set(['failed rate-limited 429']))
      expect(failures(await throughGateway(api, 'broken'))).toEqual(new Set(['failed server-error 500']))
    })

    it('is classified when it was the key, which without a database is not always a 401', async () => {
      expect(failures(await throughGateway(api, 'sound', 'sk-wrong'))).toEqual(
        new Set(['failed authentication 400']),
      )
      expect(failures(await throughGateway(api, 'sound', null))).toEqual(
        new Set(['failed authentication 401']),
      )
    })
  },
)
