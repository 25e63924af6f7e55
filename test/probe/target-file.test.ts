import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { UsageError } from '../../src/base/index.js'
import {
  baseUrlOf,
  targetName,
  targetPath,
  targetText,
  writableHeaders,
  writeTargetFile,
} from '../../src/probe/index.js'
import { loadProfile } from '../../src/profile/index.js'

const NOTES = {
  path: 'targets/mine.yaml',
  groups: [
    {
      title: 'Server',
      findings: [{ name: 'engine', value: 'x', shown: 'vllm 0.32.0', how: 'GET /version' }],
    },
  ],
  probedAtUtc: '2026-11-21 12:00 UTC',
  requests: 16,
  leftOut: [],
}
const FIELDS = {
  url: 'http://127.0.0.1:8000',
  api: 'openai-chat',
  model: 'm',
  tokenizer: 'server',
  exactOutput: 'on',
}
const BOUNDED = { path: 'limits.requests', value: 1, flag: '--requests' }

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'falloff-target-'))
  vi.spyOn(process, 'cwd').mockReturnValue(folder)
})
afterEach(() => {
  vi.restoreAllMocks()
})

const write = (name: string, text: string): string => {
  const path = join(folder, name)
  writeTargetFile(path, text)
  return path
}

function problemsOf(profile: string): string[] {
  try {
    loadProfile(profile, [BOUNDED])
  } catch (thrown) {
    if (thrown instanceof UsageError)
      return thrown.problems.map(({ place, message }) => `${place}: ${message}`)
    throw thrown
  }
  return []
}

describe('the target file', () => {
  test('reads as it was written: who finds it, how it is named, and what was found', () => {
    expect(targetText(FIELDS, NOTES)).toBe(`# Found by falloff probe on 2026-11-21 12:00 UTC, in 16 requests.
# A profile names this file by target: mine, a command by --target mine.
target:
  url: http://127.0.0.1:8000
  api: openai-chat
  model: m
  tokenizer: server
  exactOutput: on
# found:
#   engine  vllm 0.32.0 (GET /version)
`)
  })

  test('is a target that profiles can name, by path and by name, with headers as they were given', () => {
    const fields = { ...FIELDS, headers: { authorization: 'Bearer ${KEY}' }, keyEnv: 'OTHER_KEY' }
    write('elsewhere/mine.yaml', targetText(fields, NOTES))
    write('targets/mine.yaml', targetText(fields, NOTES))
    for (const word of ['elsewhere/mine.yaml', 'mine', 'targets/mine.yaml']) {
      const profile = write('p.yaml', `target: ${word}\n`)
      expect(loadProfile(profile, [BOUNDED]).target).toMatchObject(fields)
    }
  })

  test('holds its own whatever a server calls its model', () => {
    const model = 'a: "b"\n# c\u2028\u001b[2J {d}'
    const groups = [
      { title: 'Server', findings: [{ name: 'models', value: null, shown: model, how: model }] },
    ]
    const path = write('odd.yaml', targetText({ ...FIELDS, model }, { ...NOTES, groups }))
    const text = readFileSync(path, 'utf8')
    expect(text).not.toContain('\u001b')
    expect(loadProfile(write('p.yaml', 'target: odd.yaml\n'), [BOUNDED]).target.model).toBe(model)
  })

  test('says of a header that was given by value that it is not there', () => {
    const given = {
      'x-api-key': 'sk-planted-0123456789',
      authorization: 'Bearer ${KEY}',
      'x-both': 'sk-planted-0123456789 ${KEY}',
      'x-plain': '${TEAM}',
    }
    const { headers, leftOut } = writableHeaders(given)
    expect(headers).toEqual({ authorization: 'Bearer ${KEY}', 'x-plain': '${TEAM}' })
    const text = targetText({ ...FIELDS, headers }, { ...NOTES, leftOut })
    expect(text).toContain(
      "# Header x-api-key was given by its value and is not written: add it as '${NAME}'",
    )
    expect(text).toContain('# Header x-both was given by its value')
    expect(text).not.toContain('planted')
  })
})

describe('a profile that names a target', () => {
  test('may name a URL', () => {
    const profile = loadProfile(write('p.yaml', 'target: http://127.0.0.1:9\n'), [BOUNDED])
    expect(profile.target).toMatchObject({ url: 'http://127.0.0.1:9', api: 'openai-chat' })
  })

  test('is overruled by flags, part by part', () => {
    write('targets/mine.yaml', targetText(FIELDS, NOTES))
    const settings = [BOUNDED, { path: 'target.model', value: 'other', flag: '--model' }]
    const { target } = loadProfile(write('p.yaml', 'target: mine\n'), settings)
    expect(target).toMatchObject({ url: FIELDS.url, model: 'other' })
  })

  test('finds its paths where the target file stands', () => {
    write('far/mine.yaml', 'target: { url: "http://127.0.0.1:9", tokenizer: tok/tokenizer.json }\n')
    const { target } = loadProfile(write('p.yaml', 'target: far/mine.yaml\n'), [BOUNDED])
    expect(target.tokenizer).toBe(join(folder, 'far', 'tok', 'tokenizer.json'))
  })

  test('is told of a wrong target file by the file’s own lines, all at once', () => {
    write('bad.yaml', 'target:\n  url: ftp://x\n  modle: m\nload: { kind: closed }\n')
    expect(problemsOf(write('p.yaml', 'target: bad.yaml\n'))).toEqual([
      'bad.yaml:4 load: a target file holds `target:` alone',
      expect.stringMatching(
        /^bad\.yaml:2 target\.url: expected http:\/\/host:port.*got "ftp:\/\/x"$/,
      ) as string,
      'bad.yaml:3 target.modle: unknown name "modle"; did you mean "model"?',
    ])
    write('empty.yaml', '{}\n')
    expect(problemsOf(write('p.yaml', 'target: empty.yaml\n'))).toEqual([
      'empty.yaml: holds no `target:` with url, api and model; is it a profile?',
    ])
  })

  test('is told which targets there are where it names none', () => {
    const profile = write('p.yaml', 'name: x\ntarget: mien\n')
    expect(problemsOf(profile)).toEqual([
      `${profile}:2 target: expected http://host:port, https://host, the path of a target file or the name of one under targets/ (\`falloff probe <url>\` writes one); got "mien"`,
    ])
    mkdirSync(join(folder, 'targets'))
    writeFileSync(join(folder, 'targets', 'mine.yaml'), targetText(FIELDS, NOTES))
    expect(problemsOf(profile)[0]).toMatch(/\(there are: mine\); got "mien"; did you mean "mine"\?$/)
  })
})

describe('addresses', () => {
  test.each([
    ['http://h:8000', 'http://h:8000', undefined],
    ['http://h:8000/', 'http://h:8000', undefined],
    ['http://h:8000/v1/', 'http://h:8000', undefined],
    ['https://h/gate/v1', 'https://h/gate', undefined],
    ['http://h/gate/v1/chat/completions', 'http://h/gate', 'openai-chat'],
    ['http://h/v1/completions', 'http://h', 'openai-completions'],
    ['http://h/v1/messages?beta=true', 'http://h', 'anthropic-messages'],
    ['http://h/api/chat', 'http://h', 'ollama-chat'],
    ['http://h/generate', 'http://h', 'sglang-generate'],
  ])('%s is %s, of %s', (given, baseUrl, api) => {
    expect(baseUrlOf(given)).toEqual({ baseUrl, ...(api !== undefined && { api }) })
  })

  test.each(['127.0.0.1:8000', 'ftp://h', '', 'http://user:planted@h:1', 'htp//user:planted@h'])(
    '%s is refused',
    (given) => {
      try {
        baseUrlOf(given)
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(UsageError)
        expect(String(thrown)).not.toContain('planted')
        return
      }
      throw new Error('taken')
    },
  )

  test.each([
    ['http://127.0.0.1:8000', '127.0.0.1-8000', '127.0.0.1-8000'],
    ['https://llm.example/gate', 'llm.example-443', 'llm.example-443'],
    ['http://[::1]:81', 'ipv6-1-81', 'ipv6-1-81'],
    ['http://[fe80::2:3]:81', 'ipv6-fe80-2-3-81', 'ipv6-fe80-2-3-81'],
  ])('%s has its file in targets/%s.yaml', (url, file, name) => {
    expect(targetPath(url)).toBe(join('targets', `${file}.yaml`))
    expect(targetName(targetPath(url))).toBe(name)
  })
})
