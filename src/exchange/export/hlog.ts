import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FalloffError } from '../../base/index.js'
import { IntervalLog, readIntervalLog } from '../../histogram/index.js'
import { RUN_FILES } from '../../record/index.js'
import { type Result, zeroUtcMs } from '../result.js'

/**
 * The interval log of a run as it was written. Of several runs: one log with all their intervals in the order of time, each
 * tag with its point before it, such as `concurrency=8/ttft`.
 */
export function hlogText({ name, runs }: Result): string {
  const logs = runs.map((run) => ({ run, file: join(run.folder, RUN_FILES.histograms) }))
  const missing = logs.filter(({ file }) => !existsSync(file)).map(({ file }) => file)
  if (missing.length > 0)
    throw new FalloffError(
      'NO_HISTOGRAMS',
      `${name} has no interval log: ${missing.join(', ')} is not there`,
      {
        hint: 'The run ended before its first interval, or the file was removed. The records can still be exported: --to parquet, csv.',
      },
    )
  const [only] = logs
  return logs.length === 1 && only !== undefined ? readFileSync(only.file, 'utf8') : merged(logs)
}

function merged(logs: readonly { readonly run: Result['runs'][number]; readonly file: string }[]): string {
  const startUtcMs = Math.min(...logs.map(({ run }) => zeroUtcMs(run)))
  const intervals = logs
    .flatMap(({ run, file }) =>
      readIntervalLog(readFileSync(file, 'utf8')).map((interval) => ({
        ...interval,
        tag: `${run.manifest.point.label}/${interval.tag}`.replace(/[,\s]+/g, '_'),
      })),
    )
    .sort((a, b) => a.startUtcMs - b.startUtcMs)
  const log = new IntervalLog(startUtcMs)
  for (const { tag, startUtcMs: fromMs, endUtcMs: toMs, histogram } of intervals)
    log.append(tag, (fromMs - startUtcMs) / 1000, (toMs - startUtcMs) / 1000, histogram)
  return log.take()
}
