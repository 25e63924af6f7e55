// Draws the README's picture from a sweep: node scripts/picture.js results/<sweep>
import { writeFileSync } from 'node:fs'
import { falloffPanelsSvg, loadReportInput } from '../dist/report/index.js'

const { results } = await loadReportInput(process.argv.slice(2, 3))
writeFileSync('docs/falloff.svg', await falloffPanelsSvg(results[0]))
