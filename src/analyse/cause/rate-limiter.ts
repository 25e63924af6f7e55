import { formatNumber } from '../../base/index.js'
import type { CauseFinding } from '../findings.js'
import { type FalloffContext, failureShare, greatest, signal, weigh, whereGreatest } from './evidence.js'

const LIMITED = ['rate-limited', 'quota'] as const

/** Something in front of the engine refuses requests: 429, or a quota. */
export function rateLimiter({ past, lowest }: FalloffContext): CauseFinding {
  const share = greatest(past, (p) => failureShare(p, LIMITED))
  return weigh(
    'rate-limiter',
    'A rate limiter refuses requests: throughput is capped by policy, not by the engine.',
    [
      signal(
        3,
        'HTTP status codes',
        share,
        (v) => ({
          supports: v > 0.01,
          text: `${formatNumber(v * 100)} % of the requests were refused with 429 or a quota error (${whereGreatest(past, (p) => failureShare(p, LIMITED))})`,
        }),
        true,
      ),
      signal(1, 'HTTP status codes', share, (v) => {
        const before = failureShare(lowest, LIMITED)
        return {
          supports: v > before,
          text: `${formatNumber(before * 100)} % were refused at the lowest load`,
        }
      }),
    ],
  )
}
