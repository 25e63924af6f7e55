import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { benchFolder } from './children.mjs'

const PAGE = join(benchFolder, '..', 'docs', 'performance.md')

/**
 * Puts a text between the two marks of a name, `<!-- bench:name -->` and `<!-- /bench:name -->`.
 * @param {string} page @param {string} name @param {string} text
 * @returns {string} the page; what stands around the marks is left as it is
 */
export function between(page, name, text) {
  const [opening, closing] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`]
  const from = page.indexOf(opening)
  const to = page.indexOf(closing, from)
  if (from < 0 || to < 0) throw new Error(`the page has no ${opening} … ${closing}`)
  return `${page.slice(0, from + opening.length)}\n\n${text}\n\n${page.slice(to)}`
}

/** @returns {string} the page's path */
export function replaceInDocs(name, text) {
  writeFileSync(PAGE, between(readFileSync(PAGE, 'utf8'), name, text))
  return PAGE
}
