import { describe, expect, test } from 'vitest'
import { compilesAnew, NO_BYTECODE } from '../../src/launch/index.js'

const SET = { [NO_BYTECODE]: '1' }
const here = { kind: 'vllm', place: { kind: 'local' }, env: {} } as const
const inContainer = { ...here, place: { kind: 'docker', image: 'i', options: [] } } as const
const elsewhere = { ...here, place: { kind: 'ssh', host: 'gpu', options: [] } } as const

describe('Python compiles every module anew', () => {
  test.each([
    { title: 'where our environment says so', choice: here, ours: SET },
    { title: 'where the profile says so', choice: { ...here, env: SET }, ours: {} },
    { title: 'in a container that the profile tells so', choice: { ...inContainer, env: SET }, ours: {} },
  ])('$title', ({ choice, ours }) => {
    expect(compilesAnew(choice, ours)).toBe(true)
  })

  test.each([
    { title: 'where nobody says so', choice: here, ours: {} },
    { title: 'where the profile says otherwise', choice: { ...here, env: { [NO_BYTECODE]: '' } }, ours: SET },
    {
      title: 'where an engine is no Python program',
      choice: { ...here, kind: 'llamacpp' as const },
      ours: SET,
    },
    {
      title: 'for all we know, in a container, which has not our environment',
      choice: inContainer,
      ours: SET,
    },
    { title: 'for all we know, on another machine', choice: elsewhere, ours: SET },
  ])('not $title', ({ choice, ours }) => {
    expect(compilesAnew(choice, ours)).toBe(false)
  })
})
