import { describe, expect, test } from 'vitest'
import { renderComparisonMarkdown } from '../../../src/report/index.js'
import { comparison, pairRecipe, refusedRecipe, singleRecipe, sweepRecipe } from './fixture.js'

const shown = (markdown: string): string =>
  markdown.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))

describe('the summary for a pull request', () => {
  test('begins with the answer and holds a row for every gated figure', () => {
    const found = comparison(pairRecipe)
    const markdown = shown(renderComparisonMarkdown(found))
    expect(markdown).toMatch(
      /^### vllm-0\.11 is better than vllm-0\.10 in tokens\/s, and worse in failures\./,
    )
    for (const m of found.pairs[0]?.metrics.filter(({ gated }) => gated) ?? [])
      expect(markdown).toContain(`| ${m.label} |`)
    expect(markdown).toContain('| ✅ better |')
    expect(markdown).toContain('10 runs of 2 sides, measured in turn')
  })

  test('every row of a table has as many cells as its head, and every fold is closed', () => {
    for (const recipe of [pairRecipe, sweepRecipe, singleRecipe, refusedRecipe]) {
      const markdown = renderComparisonMarkdown(comparison(recipe))
      const tables = markdown.split('\n\n').filter((block) => block.startsWith('|'))
      expect(tables.length).toBeGreaterThan(1)
      for (const table of tables) {
        const widths = table.split('\n').map((line) => line.split('|').length)
        expect(new Set(widths).size).toBe(1)
      }
      expect(markdown.match(/<details>/g)?.length).toBe(markdown.match(/<\/details>/g)?.length)
      expect(markdown).toMatch(/<details><summary>[^<]*<\/summary>\n\n\|/)
    }
  })

  test('a comparison that is refused says why and gives no verdict', () => {
    const markdown = shown(renderComparisonMarkdown(comparison(refusedRecipe)))
    expect(markdown).toContain('cannot be compared')
    expect(markdown).toContain('**workload**')
    expect(markdown).not.toContain('✅')
  })

  test('names cannot make markup, links, mentions, references, tables or folds', () => {
    const evil =
      '</details><img src=x onerror=alert(1)> [x](http://evil.test) @octocat #1 `code` **b** | a\n\n# head www.evil.test'
    const markdown = renderComparisonMarkdown(
      comparison({ ...pairRecipe, sides: [{ name: evil }, { name: `${evil} b`, slow: 1.3 }] }),
    )
    expect(markdown).not.toMatch(/<(?!\/?(?:details|summary)>)/)
    expect(markdown).not.toMatch(/[@`]|\]\(|www\.|http:|(?<!&)#\d|\*\*b|^# /m)
    expect(markdown.match(/<details>/g)).toHaveLength(2)
    expect(markdown.match(/<\/details>/g)).toHaveLength(2)
    expect(shown(markdown)).toContain('[x](http://evil.test) @octocat #1 `code`')
  })
})
