import { afterEach, expect, test, vi } from 'vitest'
import { runSimulateCommand } from '../../src/simulate/index.js'

afterEach(() => vi.restoreAllMocks())

test('the command says where it listens, and ends with 0 when told to stop', async () => {
  const out: string[] = []
  const errors: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0)
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => errors.push(String(text)) > 0)
  const before = process.listenerCount('SIGTERM')
  const options = {
    description: 'fixed',
    host: '127.0.0.1',
    port: 0,
    set: { ttftMs: 1 },
    faults: [],
    withParent: true,
  }
  const ended = runSimulateCommand(options)
  await vi.waitFor(() => expect(process.listenerCount('SIGTERM')).toBe(before + 1))
  const url = /^listening on (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(out.join(''))?.[1] ?? ''
  expect((await fetch(`${url}/health`)).status).toBe(200)
  process.emit('SIGTERM')
  expect(await ended).toBe(0)
  await expect(fetch(`${url}/health`)).rejects.toThrow()
  expect([errors, process.listenerCount('SIGTERM')]).toEqual([[], before])
})

test('a slip in a fault is told before anything starts', async () => {
  const options = { description: 'fixed', host: '127.0.0.1', port: 0, set: {}, faults: ['cutt=1'] }
  await expect(runSimulateCommand(options)).rejects.toThrow(/did you mean "cut"/)
})
