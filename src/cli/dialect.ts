import { type DialectName, inDialect, readResult, renderDialect } from '../exchange/index.js'

/** Prints results as another tool would have given them. */
export async function printDialect(
  results: readonly string[],
  dialect: DialectName,
  format: 'text' | 'json',
): Promise<void> {
  const answers = []
  for (const folder of results) answers.push(...(await inDialect(await readResult(folder), dialect)))
  process.stdout.write(
    format === 'json' ? `${JSON.stringify(answers, null, 2)}\n` : `${answers.map(renderDialect).join('\n')}`,
  )
}
