import { formatNumber } from '../../base/index.js'
import { DEFAULT_THRESHOLDS } from '../../profile/index.js'
import type { CauseFinding, PointFindings } from '../findings.js'
import { generatorLate, loopDelay, stampError } from '../validity-instrument.js'
import { type FalloffContext, greatest, signal, weigh, whereGreatest } from './evidence.js'

const own = (point: PointFindings) => ({ point, allow: DEFAULT_THRESHOLDS })

/** We ourselves are the bottleneck: requests leave late, or stamps are taken late. */
export function client({ past }: FalloffContext): CauseFinding {
  const late = past.map((point) => generatorLate(own(point))).find((f) => f !== null)
  const held = past.map((point) => loopDelay(own(point)) ?? stampError(own(point))).find((f) => f !== null)
  const lateness = greatest(past, (p) => p.instrument.latenessP99Ms)
  const delay = greatest(past, (p) => p.instrument.loopDelayP99Ms)
  const cpu = greatest(past, (p) => p.instrument.cpuShareMax)
  const grave = late?.severity === 'invalid' || held?.severity === 'invalid'
  return weigh('client', 'The load generator itself is the limit: falloff sends or stamps too late.', [
    signal(2, 'our own lateness', lateness, (v) => ({
      supports: late !== undefined,
      text: `lateness of our sends reached ${formatNumber(v)} ms at p99 (${whereGreatest(past, (p) => p.instrument.latenessP99Ms)})`,
    })),
    signal(2, 'our own event-loop delay', delay, (v) => ({
      supports: held !== undefined,
      text: `event-loop delay reached ${formatNumber(v)} ms at p99`,
    })),
    signal(1, 'our own processor time', cpu, (v) => ({
      supports: v > 0.9,
      text: `the busiest worker used ${formatNumber(v * 100)} % of a core`,
    })),
    // A caveat's worth of delay colours the latency; to bend throughput it takes one that rivals the latency itself.
    signal(
      0,
      'our own lateness',
      1,
      () => ({
        supports: grave,
        text: grave
          ? 'our delay rivals the latency that we measure'
          : 'our delay is small beside the latency that we measure',
      }),
      true,
    ),
  ])
}
