import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { createChores } from '../../src/drive/chores.js'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const work = (ms: number): void => {
  const until = performance.now() + ms
  while (performance.now() < until);
}

test('pieces are done in the order in which they were added, each with what it goes on with', async () => {
  const chores = createChores()
  const done: string[] = []
  const piece = async (name: string): Promise<void> => {
    await chores.turn()
    done.push(`${name} begins`)
    await Promise.resolve()
    done.push(`${name} ends`)
  }
  await Promise.all(['a', 'b', 'c'].map(piece))
  expect(done).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
})

test('between slices the event loop gets its turn', async () => {
  const chores = createChores()
  let done = 0
  const pieces = Array.from({ length: 20 }, async () => {
    await chores.turn()
    work(0.5)
    done++
  })
  const seen: number[] = []
  while (done < 20) {
    await turn()
    seen.push(done)
  }
  await Promise.all(pieces)
  // Twenty pieces of half a millisecond in slices of one: the loop came round many times in between.
  expect(new Set(seen).size).toBeGreaterThan(4)
})

test('a worker that is never done keeps nothing of what is done', async () => {
  const chores = createChores()
  const records: WeakRef<object>[] = []
  let stopped = false
  const again = (): void => {
    const record = { bytes: new Array(100).fill(0) }
    records.push(new WeakRef(record))
    chores.add(() => {
      record.bytes.length = 0
      if (!stopped) again()
    })
  }
  // Two at a time: there is always one waiting.
  again()
  again()
  while (records.length < 5000) await turn()
  const made = [...records]
  await turn()
  collectGarbage()
  const alive = made.filter((record) => record.deref() !== undefined).length
  stopped = true
  expect(alive).toBeLessThan(1000)
})
