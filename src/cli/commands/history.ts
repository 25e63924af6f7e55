import { usageError } from '../../base/index.js'
import { keep } from '../gates.js'
import type { HistoryArguments } from '../options/gates.js'

export async function historyCommand({ results, file, label }: HistoryArguments): Promise<void> {
  if (results.length === 0) throw usageError('RESULTS', 'give the folders that are to be added')
  const { readResults } = await import('../../decide/index.js')
  await keep(await readResults(results), { history: file, label })
}
