import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { killed, tuned } from '../report/tune-fixture.js'
import { falloff, freshFolder } from './command.js'

function folderWith(files: Readonly<Record<string, object>>): string {
  const cwd = freshFolder()
  for (const [name, content] of Object.entries(files)) {
    const folder = join(cwd, 'results', name)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'tune.json'), JSON.stringify(content))
  }
  return cwd
}

describe('falloff report on a search for settings', () => {
  test('writes its page and prints its answer', async () => {
    const cwd = folderWith({ 'chat-1': tuned() })
    const { code, stdout, stderr } = await falloff(['report', 'results/chat-1'], cwd)
    expect(stderr).toContain(join('reports', 'chat-1.html'))
    expect(code).toBe(0)
    expect(stdout).toContain('the engine holds 9.5 requests/s within the objectives')
    expect(readFileSync(join(cwd, 'reports', 'chat-1.html'), 'utf8')).toContain('Set max-num-seqs to\u00a048')
  })

  test('of an unfinished search gives what there is, as JSON too', async () => {
    const cwd = folderWith({ 'chat-1': killed() })
    const { code, stdout } = await falloff(
      ['report', 'results/chat-1', '--format', 'json', '--out', 'page.html'],
      cwd,
    )
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual(killed())
    expect(readFileSync(join(cwd, 'page.html'), 'utf8')).toContain('The search is not finished.')
  })

  test('is asked for alone: two searches are refused, each by its name', async () => {
    const cwd = folderWith({ 'chat-1': tuned(), 'chat-2': killed() })
    const { code, stderr } = await falloff(['report', 'results/chat-1', 'results/chat-2'], cwd)
    expect(code).toBe(2)
    for (const name of ['chat-1', 'chat-2'])
      expect(stderr).toContain(
        `results/${name}: is a search for settings and cannot be laid over other results`,
      )
    expect(existsSync(join(cwd, 'reports'))).toBe(false)
  })
})
