import { test } from 'vitest'
import { writeFileSync } from 'node:fs'
import { renderReport, falloffPanelsSvg } from '../../src/report/index.js'
import { sweep, resultOf, comparisonInput, gridInput, singleInput, sweepInput } from './fixtures.js'
test('x', async () => {
  for (const [n, i] of Object.entries({ sweep: sweepInput(), single: singleInput(), grid: gridInput(), comp: comparisonInput() })) writeFileSync(`/tmp/rp/${n}.html`, await renderReport(i))
  writeFileSync('/tmp/rp/f.svg', await falloffPanelsSvg(resultOf(sweep())))
})
