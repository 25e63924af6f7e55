import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Agenda, type Due } from '../../src/emitter/agenda.js'
import { type Request, RequestReader } from '../../src/emitter/request-reader.js'

interface Item extends Due {
  readonly name: number
}

type Step = ['add', number] | ['remove', number] | ['putOff', number, number]

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(fc.constant('add' as const), fc.nat(50)),
  fc.tuple(fc.constant('remove' as const), fc.nat(1000)),
  fc.tuple(fc.constant('putOff' as const), fc.nat(1000), fc.nat(50)),
)

test('the agenda knows what is next after any additions, removals and delays', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const agenda = new Agenda<Item>()
      let all: Item[] = []
      for (const [index, [what, at, by]] of steps.entries()) {
        const item = all[at % all.length]
        if (what === 'add') {
          const added: Item = { name: index, dueNs: at, place: -1 }
          all.push(added)
          agenda.add(added)
        } else if (item && what === 'remove') {
          agenda.remove(item)
          all = all.filter((other) => other !== item)
        } else if (item) {
          item.dueNs += by ?? 0
          agenda.putOff(item)
        }
        const least = Math.min(...all.map((other) => other.dueNs))
        expect(agenda.first()?.dueNs ?? Number.POSITIVE_INFINITY).toBe(least)
      }
    }),
  )
})

const request = fc.record({
  id: fc.stringMatching(/^[a-z0-9-]{0,20}$/),
  body: fc.string({ unit: 'binary', maxLength: 100 }),
})

test('requests are the same however their bytes are cut', () => {
  const cuts = fc.array(fc.nat(400), { maxLength: 20 })
  fc.assert(
    fc.property(fc.array(request, { minLength: 1, maxLength: 4 }), cuts, (requests, places) => {
      const bytes = Buffer.concat(requests.map(({ id, body }) => bytesOf(id, body)))
      const found = readInPieces(bytes, places)
      expect(found.map(({ id, body, size }) => ({ id, body, size }))).toEqual(
        requests.map(({ id, body }) => ({ id, body, size: Buffer.byteLength(body) })),
      )
    }),
  )
})

const bytesOf = (id: string, body: string): Buffer =>
  Buffer.from(
    `POST /a?b HTTP/1.1\r\nx-REQUEST-id:  ${id} \r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )

function readInPieces(bytes: Buffer, places: readonly number[]): Request[] {
  const reader = new RequestReader()
  const found: Request[] = []
  const ends = [...places.filter((place) => place < bytes.length), bytes.length].sort((a, b) => a - b)
  let from = 0
  for (const to of ends) {
    reader.add(bytes, from, to)
    from = to
    for (let next = reader.next(); next !== undefined; next = reader.next()) {
      if ('status' in next) throw new Error(next.message)
      found.push(next)
    }
  }
  return found
}
