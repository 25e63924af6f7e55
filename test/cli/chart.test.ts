import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { tuned } from '../report/tune-fixture.js'
import { falloff, freshFolder } from './command.js'

/** With the folder of a search, which needs no engine to have charts. */
function folderWithSearch(): string {
  const cwd = freshFolder()
  const folder = join(cwd, 'results', 'chat-1')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'tune.json'), JSON.stringify(tuned()))
  return cwd
}

const hasRasteriser = (): boolean => {
  try {
    createRequire(import.meta.url).resolve('@resvg/resvg-js')
    return true
  } catch {
    return false
  }
}

describe('falloff chart', () => {
  test('lists the charts by name and title, and writes none', async () => {
    const cwd = folderWithSearch()
    const { code, stdout } = await falloff(['chart', 'results/chat-1', '--list'], cwd)
    expect(code).toBe(0)
    const names = stdout
      .trim()
      .split('\n')
      .map((line) => line.split('\t')[0])
    expect(names).toContain('search-course')
    expect(existsSync(join(cwd, 'charts'))).toBe(false)
  })

  test('writes what it lists, and says where', async () => {
    const cwd = folderWithSearch()
    const list = await falloff(['chart', 'results/chat-1', '--list'], cwd)
    const { code, stdout } = await falloff(['chart', 'results/chat-1', '--theme', 'dark', '--out', 'd'], cwd)
    expect(code).toBe(0)
    const names = list.stdout
      .trim()
      .split('\n')
      .map((line) => line.split('\t')[0])
    expect(stdout.trim().split('\n')).toEqual(names.map((name) => join('d', `${name}.svg`)))
    for (const path of stdout.trim().split('\n'))
      expect(readFileSync(join(cwd, path), 'utf8')).toMatch(/^<svg xmlns=/)
  })

  test('the figures behind one chart as CSV', async () => {
    const cwd = folderWithSearch()
    const only = ['--chart', 'search-course', '--format', 'csv']
    const { code, stdout } = await falloff(['chart', 'results/chat-1', ...only], cwd)
    expect([code, stdout]).toEqual([0, `${join('charts', 'search-course.csv')}\n`])
    expect(
      readFileSync(join(cwd, 'charts', 'search-course.csv'), 'utf8').split('\r\n').length,
    ).toBeGreaterThan(5)
  })

  test('PNG where the optional package is installed; else it says which, and writes nothing', async () => {
    const cwd = folderWithSearch()
    const only = ['--chart', 'search-course', '--format', 'png', '--width', '640']
    const { code, stderr } = await falloff(['chart', 'results/chat-1', ...only], cwd)
    const file = join(cwd, 'charts', 'search-course.png')
    if (hasRasteriser()) {
      expect(code).toBe(0)
      const png = readFileSync(file)
      expect(png.subarray(1, 4).toString()).toBe('PNG')
      expect(png.readUInt32BE(16)).toBe(640)
    } else {
      expect(code).toBe(1)
      expect(stderr).toContain('npm install @resvg/resvg-js')
      expect(existsSync(file)).toBe(false)
    }
  })

  test('every mistake is told at once, and an unknown chart with the nearest', async () => {
    const cwd = folderWithSearch()
    const wrong = await falloff(['chart', 'results/chat-1', 'nowhere', '--width', '5'], cwd)
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toContain('results/chat-1: is a comparison or a search')
    expect(wrong.stderr).toContain('nowhere: holds no run.json')
    expect(wrong.stderr).toContain('--width 5: expected a whole number of pixels from 240 to 8000')
    const unknown = await falloff(['chart', 'results/chat-1', '--chart', 'search-curse'], cwd)
    expect(unknown.code).toBe(2)
    expect(unknown.stderr).toContain('--chart search-curse: is no chart of this result')
    expect(unknown.stderr).toContain('did you mean "search-course"?')
  })
})
