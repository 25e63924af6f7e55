import { describe, expect, test } from 'vitest'
import type { EmitterShape } from '../../src/emitter/shape.js'
import { createBench, eventsOf, logOf, textsOf, timesOf, unchunk, ZERO_NS } from './bench.js'

/** One stream on the invented clock: its sends after the head, as moments in ms and bytes, and what it says. */
function streamed(shape: Partial<EmitterShape>, tokens: number) {
  const bench = createBench()
  const client = bench.client()
  client.ask({ max_tokens: tokens, emit: shape })
  bench.run()
  const events = eventsOf(unchunk(client.received()))
  const [head, ...sends] = client.sends
  const log = bench.client()
  log.post('GET /log HTTP/1.1\r\n\r\n')
  bench.run()
  return {
    head: head?.text ?? '',
    sends: sends.map(({ atNs, text }) => ({ atMs: (atNs - ZERO_NS) / 1e6, text })),
    events,
    texts: textsOf(events),
    logged: logOf(unchunk(log.received())).streams[0],
  }
}

describe('a stream', () => {
  test('comes at its times, says them, and logs them', () => {
    const { sends, texts, logged, events } = streamed({ ttftMs: 200, gapMs: 20 }, 4)
    expect(sends.map((send) => send.atMs)).toEqual([200, 220, 240, 260])
    const writesNs = [200, 220, 240, 260].map((ms) => ZERO_NS + ms * 1e6)
    expect(timesOf(texts)).toEqual({ arrivalNs: ZERO_NS, writesNs })
    expect(logged).toEqual({
      id: 'a',
      arrivalNs: ZERO_NS,
      stamped: 'kernel',
      whole: true,
      heldUp: 0,
      slow: [],
      writesNs,
      tokens: [1, 1, 1, 1],
    })
    expect(events.map((event) => event.choices[0]?.finish_reason)).toEqual([
      null,
      null,
      null,
      null,
      'length',
      undefined,
    ])
  })

  test('a send that took long is logged, and the next event says so', () => {
    const bench = createBench()
    const client = bench.client()
    client.ask({ max_tokens: 4, emit: {} })
    // The core is lost for 2 ms inside the third send: head, first and second event went before.
    client.state.delayNs = (send) => (send === 2 ? 2_000_000 : 0)
    bench.run()
    const texts = textsOf(eventsOf(unchunk(client.received())))
    expect(texts.map((text) => text[0])).toEqual([' ', ' ', '!', ' '])
    const log = bench.client()
    log.post('GET /log HTTP/1.1\r\n\r\n')
    bench.run()
    expect(logOf(unchunk(log.received())).streams[0]?.slow).toEqual([1])
  })

  test.each<[EmitterShape['roleChunk'], boolean, number]>([
    // where the role is: with the head, and how many events there are with one token and the usage
    ['alone', true, 3],
    ['with-first', false, 3],
    ['none', false, 2],
  ])('with the role %s', (roleChunk, inHead, count) => {
    const { head, sends, events } = streamed({ roleChunk }, 1)
    expect(head.includes('"role":"assistant"')).toBe(inHead)
    expect(sends).toHaveLength(1)
    expect(events).toHaveLength(count)
    expect(events[0]?.choices[0]?.delta.role).toBe(roleChunk === 'none' ? undefined : 'assistant')
  })

  test.each([
    [7, 3, [3, 3, 1]],
    [6, 3, [3, 3]],
    [1, 5, [1]],
  ])('counts %d tokens, %d to a chunk', (tokens, tokensPerChunk, expected) => {
    const { events, logged, texts } = streamed({ tokensPerChunk, usageOnEveryChunk: true }, tokens)
    expect(logged?.tokens).toEqual(expected)
    expect(texts).toHaveLength(expected.length)
    const running = expected.map((_, i) => expected.slice(0, i + 1).reduce((a, b) => a + b))
    expect(events.map((event) => event.usage?.completion_tokens)).toEqual([0, ...running, tokens])
    expect(events.at(-1)?.usage?.total_tokens).toBe((events[0]?.usage?.prompt_tokens ?? 0) + tokens)
  })

  test('reasons first', () => {
    const { events, texts } = streamed({ reasoning: 2, roleChunk: 'none' }, 4)
    expect(events.slice(0, 4).map(({ choices: [choice] }) => Object.keys(choice?.delta ?? {}))).toEqual([
      ['reasoning'],
      ['reasoning'],
      ['content'],
      ['content'],
    ])
    expect(texts.map((text) => text.split(' ').length - 1)).toEqual([2, 1, 1, 1])
  })

  test('hands several events to one send, at one time', () => {
    const { sends, texts, logged } = streamed({ ttftMs: 100, gapMs: 10, eventsPerPacket: 3, reasoning: 4 }, 8)
    expect(sends.map((send) => send.atMs)).toEqual([100, 130, 160])
    const expected = [100, 100, 100, 130, 130, 130, 160, 160].map((ms) => ZERO_NS + ms * 1e6)
    expect(timesOf(texts).writesNs).toEqual(expected)
    expect(logged?.writesNs).toEqual(expected)
  })

  test('spreads an event over packets, the last of which is on time and carries the time', () => {
    const { sends, texts } = streamed({ ttftMs: 100, gapMs: 10, packetsPerEvent: 3 }, 2)
    expect(sends.map((send) => send.atMs)).toEqual([99.4, 99.7, 100, 109.4, 109.7, 110])
    expect(sends.every((send) => send.text.length > 0)).toBe(true)
    expect(sends.map((send) => /\d{14}"/.test(send.text))).toEqual([false, false, true, false, false, true])
    expect(timesOf(texts).writesNs).toEqual([ZERO_NS + 100e6, ZERO_NS + 110e6])
  })

  test('keeps pieces apart even where there is no time before the first event', () => {
    const { sends } = streamed({ ttftMs: 0, gapMs: 10, packetsPerEvent: 3 }, 2)
    expect(sends.map((send) => send.atMs)).toEqual([0, 0.3, 0.6, 9.4, 9.7, 10])
  })

  test('is not delayed by a write that was late', () => {
    const bench = createBench({ ttftMs: 10, gapMs: 10 })
    const client = bench.client()
    client.ask({ max_tokens: 4 })
    bench.run(ZERO_NS + 10e6)
    bench.set(ZERO_NS + 35e6)
    bench.run()
    expect(client.sends.slice(1).map((send) => (send.atNs - ZERO_NS) / 1e6)).toEqual([10, 35, 35, 40])
    const { writesNs } = timesOf(textsOf(eventsOf(unchunk(client.received()))))
    expect(writesNs.map((ns) => (ns - ZERO_NS) / 1e6)).toEqual([10, 35, 35, 40])
  })

  test('tells its times where they gain a digit, in front and behind', () => {
    const bench = createBench({ ttftMs: 10, gapMs: 500, packetsPerEvent: 2 })
    const client = bench.client()
    bench.set(1e14 - 1.2e9)
    client.ask({ max_tokens: 6 })
    bench.run()
    const expected = Array.from({ length: 6 }, (_, k) => 1e14 - 1.2e9 + 10e6 + k * 500e6)
    expect(timesOf(textsOf(eventsOf(unchunk(client.received())))).writesNs).toEqual(expected)
  })
})

test('streams in lock-step write in the same ticks, whenever they came', () => {
  const bench = createBench({ ttftMs: 5, gapMs: 20, lockstep: true })
  const clients = [0, 3e6, 11e6].map((afterNs) => {
    const client = bench.client()
    bench.run(ZERO_NS + afterNs)
    bench.set(ZERO_NS + afterNs)
    client.ask({ max_tokens: 3 })
    return client
  })
  bench.run()
  for (const client of clients) {
    expect(client.sends.slice(1).map((send) => (send.atNs - ZERO_NS) / 1e6)).toEqual([20, 40, 60])
  }
})

describe('a client that makes no room', () => {
  test('holds up its own stream only, and the log has the time of the send that completed the event', () => {
    const bench = createBench({ ttftMs: 10, gapMs: 10 })
    const [slow, quick] = [bench.client(), bench.client()]
    slow.ask({ max_tokens: 3 }, 'slow')
    quick.ask({ max_tokens: 3 }, 'quick')
    bench.run(ZERO_NS + 10e6)
    slow.state.full = true
    bench.run(ZERO_NS + 100e6)
    expect(quick.sends).toHaveLength(4)
    slow.state.full = false
    bench.set(ZERO_NS + 55e6)
    slow.connection.onDrained(ZERO_NS + 55e6)
    bench.run()
    const log = bench.client()
    log.post('GET /log HTTP/1.1\r\n\r\n')
    bench.run()
    const { streams } = logOf(unchunk(log.received()))
    expect(streams.map((s) => [s.id, s.heldUp, s.writesNs.map((ns) => (ns - ZERO_NS) / 1e6)])).toEqual([
      ['quick', 0, [10, 20, 30]],
      ['slow', 1, [10, 55, 55]],
    ])
  })

  test('and leaves is logged with what was written', () => {
    const bench = createBench({ ttftMs: 10, gapMs: 10 })
    const client = bench.client()
    client.ask({ max_tokens: 30 })
    bench.run(ZERO_NS + 25e6)
    client.connection.onClosed()
    expect(bench.emitter.nextNs()).toBe(Number.POSITIVE_INFINITY)
    const log = bench.client()
    log.post('GET /log HTTP/1.1\r\n\r\n')
    bench.run()
    const { streams } = logOf(unchunk(log.received()))
    expect(streams).toMatchObject([{ whole: false, writesNs: [ZERO_NS + 10e6, ZERO_NS + 20e6] }])
  })
})

test('the log gives each stream once, and counts those it had no room for', () => {
  const bench = createBench({ ttftMs: 1, gapMs: 1 }, 10)
  const drain = () => {
    const log = bench.client()
    log.post('GET /log HTTP/1.1\r\n\r\n')
    bench.run()
    const { streams, unlogged } = logOf(unchunk(log.received()))
    return [streams.map((stream) => stream.id), unlogged]
  }
  for (const [id, tokens] of [
    ['a', 6],
    ['b', 5],
    ['c', 4],
  ] as const)
    bench.client().ask({ max_tokens: tokens }, id)
  bench.run()
  expect(drain()).toEqual([['c', 'a'], 1])
  expect(drain()).toEqual([[], 0])
  bench.client().ask({ max_tokens: 10 }, 'd')
  bench.run()
  expect(drain()).toEqual([['d'], 0])
})

describe('a connection', () => {
  test('answers its requests one after the other', () => {
    const bench = createBench({ ttftMs: 10, gapMs: 10 })
    const client = bench.client()
    client.ask({ max_tokens: 2 })
    client.post('GET /health HTTP/1.1\r\n\r\nGET /nothing?x=1 HTTP/1.1\r\nConnection: close\r\n\r\n')
    expect(client.sends).toHaveLength(1)
    bench.run()
    const statuses = client.sends.flatMap((send) => /^HTTP\/1\.1 (\d+)/.exec(send.text)?.[1] ?? [])
    expect(statuses).toEqual(['200', '200', '404'])
    expect(client.state.closed).toBe(true)
  })

  test.each<[string, string, number]>([
    ['no JSON', 'POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 2\r\n\r\n{x', 400],
    ['no number of tokens', 'POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}', 400],
    ['no HTTP', 'hello there\r\n\r\n', 400],
    ['a body in chunks', 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n', 411],
    ['a negative length', 'POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n', 400],
    ['a body without bounds', 'POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n', 413],
    ['a head without end', `GET / HTTP/1.1\r\nX: ${'x'.repeat(70_000)}`, 431],
  ])('refuses %s', (_, text, status) => {
    const client = createBench().client()
    client.post(text)
    expect(client.received()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(JSON.parse(client.received().split('\r\n\r\n')[1] ?? '')).toMatchObject({
      error: { code: status },
    })
  })

  test('tells what is wrong with a shape', () => {
    const client = createBench().client()
    client.ask({ max_tokens: 1, emit: { gapMs: -1, speed: 9 } })
    expect(client.received()).toContain('emit.gapMs: expected a number from 0')
    expect(client.received()).toContain('emit.speed: unknown')
  })

  test('counts at once where no stream is wanted', () => {
    const client = createBench().client()
    client.ask({ max_tokens: 12, stream: false })
    const answer = JSON.parse(client.received().split('\r\n\r\n')[1] ?? '') as { usage: object }
    const bodySize = JSON.stringify({ model: 'emitter', stream: false, max_tokens: 12 }).length
    const promptTokens = Math.floor(bodySize / 4)
    expect(answer.usage).toEqual({
      prompt_tokens: promptTokens,
      total_tokens: promptTokens + 12,
      completion_tokens: 12,
    })
  })
})
