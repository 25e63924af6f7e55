import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ColdStartReport } from '../../src/record/index.js'
import { output } from './falloff.js'
import { modelFolder, offlineEnvironment, vllmBin } from './vllm.js'

/** Two starts, the rehearsal's and the measured one: some 80 s each on two cores that have nothing else to do. */
const TIMEOUT_MS = 900_000

test(
  'a cold start of the real vLLM falls into its phases, which add up to the whole',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'falloff-coldstart-'))
    const profile = join(folder, 'cold.yaml')
    // JSON is YAML.
    writeFileSync(
      profile,
      JSON.stringify({
        name: 'cold',
        engine: {
          kind: 'vllm',
          model: modelFolder('light'),
          command: [join(vllmBin, 'vllm')],
          settings: { loadFormat: 'dummy', dtype: 'float32', enforceEager: true, maxModelLen: 2048 },
        },
        workload: { inputTokens: 64, outputTokens: 16 },
        load: { kind: 'poisson', ratePerS: 1 },
      }),
    )
    const results = join(folder, 'results')
    const words = ['--repeats', '1', '--settle', '5', '--format', 'json']
    const files = ['--results', results, '--out', join(folder, 'page.html')]
    const stdout = await output(['coldstart', profile, ...words, ...files], offlineEnvironment(vllmBin))
    const report = JSON.parse(stdout) as ColdStartReport
    const [start] = report.starts
    if (start === undefined) throw new Error(report.failedStarts.map(({ message }) => message).join())
    const { phases, firstTokenNs, portOpenNs, healthyNs, arrivals } = start

    const names = phases.map(({ name }) => name)
    for (const name of ['process', 'import', 'weights', 'profiling', 'kv-cache', 'serving', 'first-request'])
      expect(names).toContain(name)
    expect(phases.reduce((sum, { fromNs, toNs }) => sum + toNs - fromNs, 0)).toBe(firstTokenNs)
    // Most of it goes by until Python has read its modules, whatever the machine.
    const early = phases.filter(({ name }) => name === 'process' || name === 'import')
    const earlyNs = early.reduce((sum, { fromNs, toNs }) => sum + toNs - fromNs, 0)
    expect(earlyNs).toBeGreaterThan(firstTokenNs / 2)
    expect(portOpenNs).toBeLessThanOrEqual(healthyNs)
    expect(healthyNs).toBeLessThan(firstTokenNs)
    // vLLM opens its port when it is ready: before that all are refused.
    expect(arrivals?.arrived).toBeGreaterThan(0)
    expect(arrivals?.failures.map(({ code }) => code)).toEqual(['refused'])
    expect(readdirSync(join(results, readdirSync(results)[0] ?? '')).toSorted()).toEqual([
      'coldstart.json',
      'rehearsal',
      'start-1',
    ])
  },
  TIMEOUT_MS,
)
