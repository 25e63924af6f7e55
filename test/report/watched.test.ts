import { describe, expect, test } from 'vitest'
import { ENGINE_OFFERS } from '../../src/observe/index.js'
import type { Offers, TargetFacts } from '../../src/record/index.js'
import { machineColumns, machinePanels } from '../../src/report/charts/machine.js'
import { timelineChart } from '../../src/report/charts/timeseries.js'
import { renderSvg } from '../../src/report/render-svg.js'
import { watchedRows } from '../../src/report/watched.js'
import { timeline } from './fixtures.js'

const target = (offers?: Offers): TargetFacts => ({
  ...{ url: 'http://h', api: 'a', model: 'm' },
  ...(offers && { watched: { offers, notes: ['a note'] } }),
})
const offersOf = (engine: 'tgi' | 'ollama'): Offers => {
  const offers = ENGINE_OFFERS.get(engine)
  if (!offers) throw new Error(`no offers of ${engine}`)
  return offers
}

describe('what the engine lets itself be asked', () => {
  test('what is told and what is not, and why, each once', () => {
    const rows = new Map(watchedRows(target(offersOf('tgi'))))
    expect(rows.get('Engine tells')).toMatch(/running; waiting; cache use \(reserved/)
    expect(rows.get('Not offered')).toMatch(/preempted \(never preempts/)
    expect(rows.get('Note on its metrics')).toBe('a note')
  })

  test('words with one reason share it', () => {
    const rows = new Map(watchedRows(target(offersOf('ollama'))))
    expect(rows.get('Engine tells')).toBe('nothing of these')
    expect(rows.get('Not offered')).toMatch(
      /running, waiting, cache use, prefix hits, queue time \(it has no metrics\)/,
    )
  })

  test('of an engine that is not known nothing is said', () => {
    expect(watchedRows(target())).toEqual([])
  })
})

describe('the course of the target’s machine', () => {
  const plain = timeline('run')
  const machine = {
    ...{ gpuMean: 0.5, gpuBusiest: 0.96, gpuMemory: 0.9, gpuPowerW: 700 },
    ...{ hostCpu: null, hostMemory: null },
  }
  const told = { ...plain, bins: plain.bins.map((bin) => ({ ...bin, machine })) }

  test('is drawn where it was told, line by line, and has its columns in the table', async () => {
    const svg = await renderSvg(timelineChart(told, false))
    for (const said of ['The target’s machine', '>GPU<', '>GPU mem<']) {
      expect([said, svg.includes(said)]).toEqual([said, true])
    }
    expect(svg.includes('>CPU<')).toBe(false)
    expect(machineColumns(told).map(([name]) => name)).toEqual([
      ...['GPU, mean', 'GPU, busiest', 'GPU memory', 'GPU power, W'],
    ])
  })

  test('takes no room where nobody told', async () => {
    expect((await renderSvg(timelineChart(plain, false))).includes('The target’s machine')).toBe(false)
    expect(machinePanels(plain, () => expect.fail())).toEqual([])
    expect(machineColumns(plain)).toEqual([])
  })
})
