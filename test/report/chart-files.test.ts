import { describe, expect, test } from 'vitest'
import { chartFiles, comparisonCharts, reportCharts } from '../../src/report/index.js'
import { DARK, LIGHT } from '../../src/report/theme.js'
import { comparison, pairRecipe } from './comparison/fixture.js'
import { singleInput } from './fixtures.js'

const AS = { chart: 'all', format: 'svg', theme: 'light', width: null } as const

describe('charts as files', () => {
  test('of a report and of a comparison are those of their pages, in their order', async () => {
    expect((await reportCharts(singleInput())).map(({ id }) => id)).toEqual([
      'ttft-percentiles',
      'gap-percentiles',
      'e2e-percentiles',
      'course-1',
      'canary-1',
    ])
    const charts = await comparisonCharts(comparison(pairRecipe))
    expect(charts.map(({ id }) => id)).toContain('effects-key')
    const files = await chartFiles(charts, AS)
    expect(files.map(({ name }) => name)).toEqual(charts.map(({ id }) => `${id}.svg`))
  }, 20_000)

  test.each([
    ['light', LIGHT, DARK],
    ['dark', DARK, LIGHT],
  ] as const)(
    'an SVG in %s has fixed colours on their own ground, a title, and nothing from outside',
    async (theme, own, other) => {
      const [file] = await chartFiles(await reportCharts(singleInput()), {
        ...AS,
        chart: 'ttft-percentiles',
        theme,
      })
      const svg = String(file?.content)
      expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="\d+" height="\d+"/)
      expect(svg).toContain('<title>Time to first token</title>')
      expect(svg).toContain(`fill="${own.paper}"`)
      expect(svg).not.toContain(other.c1)
      expect(svg).not.toMatch(/var\(|<script|href/)
    },
  )

  test('the width is that of the file; a small one has the layout for narrow screens', async () => {
    const charts = await reportCharts(singleInput())
    const sizeOf = async (width: number) => {
      const [file] = await chartFiles(charts, { ...AS, chart: 'ttft-percentiles', width })
      const [, own, box] =
        /width="(\d+)" height="\d+" viewBox="0 0 ([\d.]+)/.exec(String(file?.content)) ?? []
      return [Number(own), Number(box)]
    }
    const [wide, narrow] = [await sizeOf(1600), await sizeOf(400)]
    expect([wide[0], narrow[0]]).toEqual([1600, 400])
    expect(wide[1]).toBeGreaterThan(900)
    expect(narrow[1]).toBeLessThan(480)
  })

  test('CSV holds full figures, a file a table, and no formula', async () => {
    const found = comparison({ ...pairRecipe, sides: [{ name: '=1+1' }, { name: 'b, "c"', slow: 0.8 }] })
    const files = await chartFiles(await comparisonCharts(found), {
      ...AS,
      chart: 'effects-key',
      format: 'csv',
    })
    expect(files.map(({ name }) => name)).toEqual(['effects-key.csv', 'effects-key-2.csv'])
    const [head, first] = String(files[0]?.content).split('\r\n')
    expect(head).toContain("'=1+1")
    expect(head).toContain('"b, ""c"""')
    expect(first).toContain(String(found.pairs[0]?.metrics[0]?.effect?.value))
  }, 20_000)

  test('an unknown name is told with the nearest, and those that there are', async () => {
    const charts = await reportCharts(singleInput())
    await expect(chartFiles(charts, { ...AS, chart: 'ttft-percentile' })).rejects.toMatchObject({
      problems: [
        {
          place: '--chart ttft-percentile',
          message: expect.stringMatching(/did you mean "ttft-percentiles"\? it has .*canary-1/),
        },
      ],
    })
  })
})
