import { writeFileSync } from 'node:fs'
import { test } from 'vitest'
import { renderReport, renderText } from '../../src/report/index.js'
import { comparisonInput, gridInput, singleInput, singleRun, sweep, sweepInput } from './fixtures.js'

test('x', async () => {
  for (const [n, i] of Object.entries({
    sweep: sweepInput(),
    single: singleInput(),
    grid: gridInput(),
    comp: comparisonInput(),
  })) {
    const t = performance.now()
    const h = await renderReport(i)
    console.log(n, h.length, performance.now() - t)
    writeFileSync(`/tmp/rp/${n}.html`, h)
  }
  console.log(renderText(sweep()))
  console.log(renderText(singleRun()))
})
