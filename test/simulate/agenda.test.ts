import { expect, test } from 'vitest'
import { monotonicNs } from '../../src/base/index.js'
import { Agenda } from '../../src/simulate/agenda.js'

test('acts come in order of their moments, never early, and are told the planned moment', async () => {
  const agenda = new Agenda()
  const zeroNs = monotonicNs()
  const planned = [9, 3, 7, 3, 0, 12, 5].map((ms, order) => ({ atNs: zeroNs + ms * 1e6, order }))
  const seen: { atNs: number; order: number; nowNs: number }[] = []
  await new Promise<void>((resolve) => {
    for (const { atNs, order } of planned) {
      agenda.at(atNs, (told) => {
        seen.push({ atNs: told, order, nowNs: monotonicNs() })
        if (seen.length === planned.length) resolve()
      })
    }
  })
  agenda.close()
  expect(seen.map((s) => s.order)).toEqual([4, 1, 3, 6, 2, 0, 5])
  for (const { atNs, nowNs } of seen) expect(nowNs).toBeGreaterThanOrEqual(atNs)
})

test('an act that plans from its moment does not drift, however late it ran', async () => {
  const agenda = new Agenda()
  const zeroNs = monotonicNs()
  const told: number[] = []
  await new Promise<void>((resolve) => {
    const beat = (atNs: number) => {
      told.push(atNs - zeroNs)
      // Busy for longer than a beat: later beats run late.
      if (told.length === 3) for (const untilNs = monotonicNs() + 8e6; monotonicNs() < untilNs; );
      if (told.length === 10) resolve()
      else agenda.at(atNs + 2e6, beat)
    }
    agenda.at(zeroNs, beat)
  })
  agenda.close()
  expect(told).toEqual(Array.from({ length: 10 }, (_, i) => i * 2e6))
  expect(agenda.maxLateNs).toBeGreaterThan(5e6)
})

test('something planned earlier than the moment waited for wakes it', async () => {
  const agenda = new Agenda()
  const zeroNs = monotonicNs()
  const order: string[] = []
  await new Promise<void>((resolve) => {
    agenda.at(zeroNs + 40e6, () => {
      order.push('late')
      resolve()
    })
    agenda.at(zeroNs + 5e6, () => order.push('early'))
  })
  agenda.close()
  expect(order).toEqual(['early', 'late'])
})

test('after close nothing acts any more', async () => {
  const agenda = new Agenda()
  let acts = 0
  agenda.at(monotonicNs() + 2e6, () => acts++)
  agenda.close()
  agenda.at(monotonicNs(), () => acts++)
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(acts).toBe(0)
})
