import { expect, test } from 'vitest'
import { configurationDifferences } from '../../../src/analyse/comparison/configuration.js'
import type { RunManifest } from '../../../src/record/index.js'

const manifest = (outputTokens: number, more: object = {}): RunManifest =>
  ({
    tool: { name: 'falloff', version: '1.0.0' },
    profile: { workload: { outputTokens, inputTokens: 64 }, ...more },
    target: { url: 'http://127.0.0.1:1', api: 'openai-chat', model: 'm' },
  }) as unknown as RunManifest

test('what sides were told differently is listed by its path, what only one was told as not set by the other', () => {
  expect(configurationDifferences([manifest(8), manifest(16, { rateLimits: { perMin: 3 } })])).toEqual([
    { key: 'rateLimits.perMin', values: ['not set', '3'] },
    { key: 'workload.outputTokens', values: ['8', '16'] },
  ])
  expect(configurationDifferences([manifest(8), manifest(8)])).toEqual([])
})

test('a result of another tool tells nothing, and so differs in nothing', () => {
  expect(configurationDifferences([manifest(8), undefined])).toEqual([])
  expect(configurationDifferences([manifest(8), undefined, manifest(9)])).toEqual([
    { key: 'workload.outputTokens', values: ['8', 'not told', '9'] },
  ])
})
