import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** What `npx falloff demo` will do on the day it is published. */

const root = new URL('../..', import.meta.url).pathname
const empty = mkdtempSync(join(tmpdir(), 'falloff-pack-'))
const run = (command: string, args: string[], cwd: string): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

test('packed, installed in an empty folder, the command runs the demo and the library has types', () => {
  const packed = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', empty], root),
  ) as { filename: string; files: { path: string }[] }[]
  const names = packed[0]?.files.map((f) => f.path) ?? []
  expect(names).toEqual(
    expect.arrayContaining([
      'dist/cli/main.js',
      'dist/index.d.ts',
      'dist/drive/worker.js',
      'schema/profile.schema.json',
      'profiles/demo.yaml',
      'LICENSE',
      'README.md',
    ]),
  )
  expect(names.filter((n) => n.startsWith('src/') || n.startsWith('test/'))).toEqual([])

  writeFileSync(join(empty, 'package.json'), '{"private": true, "type": "module"}')
  run('npm', ['install', '--no-audit', '--no-fund', join(empty, packed[0]?.filename ?? '')], empty)
  expect(run(join(empty, 'node_modules/.bin/falloff'), ['--version'], empty).trim()).toBe(
    (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version,
  )

  const findings = JSON.parse(
    run(join(empty, 'node_modules/.bin/falloff'), ['demo', '--format', 'json'], empty),
  ) as { falloff: { cause: { name: string } } }
  expect(findings.falloff.cause.name).toBe('kv-cache')
  expect(existsSync(join(empty, 'reports/demo.html'))).toBe(true)

  writeFileSync(
    join(empty, 'use.ts'),
    `import { loadProfile, type Profile } from 'falloff'\nconst p: Profile = loadProfile('chat', [])\nexport const name: string = p.name\n`,
  )
  run(
    join(root, 'node_modules/.bin/tsc'),
    ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--skipLibCheck', 'use.ts'],
    empty,
  )
})
