const SHORT: Readonly<Record<string, string>> = {
  ttft: 'TTFT',
  ttftFromSchedule: 'TTFT sched.',
  ttfv: 'visible',
  tpot: 'TPOT',
  chunkGap: 'gap',
  maxStall: 'stall',
  e2e: 'E2E',
  e2eFromSchedule: 'E2E sched.',
  headers: 'headers',
  perStreamTokensPerS: 'stream/s',
  charTime: 'per char',
  outputTokensPerS: 'tokens/s',
  outputCharsPerS: 'chars/s',
  inputTokensPerS: 'in tokens/s',
  requestsPerS: 'requests/s',
  goodputPerS: 'goodput',
  goodShare: 'good share',
  errorRate: 'failed',
  peakOutputTokensPerS: 'peak tokens/s',
  kneeAt: 'knee',
  lastGood: 'last good',
}

/** Of a figure's key, `TTFT p99`: for tables and charts, where there is little room. */
export function shortLabel(key: string): string {
  const [metric = key, statistic] = key.split('.')
  return [SHORT[metric] ?? metric, statistic].filter((word) => word !== undefined).join(' ')
}
