import type { DistributionSpec } from '../base/index.js'
import type { Profile } from '../profile/index.js'
import { type Evidence, gradeOf, type Judgement, percent, type Rule } from './validity-rule.js'

/** Latency of what completed flatters a target that sheds or times out the rest. */
function failures({ point, allow }: Evidence): Judgement | null {
  const { states } = point
  const lost = states.failed + states['timed-out'] + states['cut-off']
  const ended = lost + states.completed
  const seen = ended === 0 ? 0 : lost / ended
  if (seen <= allow.errorShare) return null
  const kinds = point.failures.map((f) => `${f.code} ${f.count}`).join(', ')
  return {
    severity: gradeOf(seen, allow.errorInvalidShare),
    message: `${percent(seen)} of the requests did not complete (${kinds}); latency percentiles are of those that did`,
    seen,
    allowed: allow.errorShare,
    unit: 'share',
  }
}

function serverRestarted({ point }: Evidence): Judgement | null {
  if (point.server?.restarted !== true) return null
  return {
    severity: 'invalid',
    message: 'a counter of the engine fell inside the window: it restarted',
    seen: 1,
    allowed: 0,
    unit: 'restarts',
  }
}

/** An alias that resolves to one name throughout is no change. */
function modelChanged({ models, manifest }: Evidence): Judgement | null {
  if (models.size < 2) return null
  const named = [...models].map(([name, count]) => `${name || manifest.target.model} ${count}`).join(', ')
  return {
    severity: 'invalid',
    message: `answers came from ${models.size} models (${named})`,
    seen: models.size,
    allowed: 1,
    unit: 'models',
  }
}

/**
 * Share of the input that prompts share by plan. Null where nobody can say: history, files, or the same prompts in every run.
 * Prefixes and prompts have their own distributions; the mean share is taken as that of the means.
 */
function plannedHits(workload: Profile['workload']): number | null {
  const { salt, prefix, conversation, dataset, trace, inputTokens } = workload
  if (!salt || conversation !== undefined || dataset !== undefined || trace !== undefined) return null
  if (prefix === undefined) return 0
  const [part, whole] = [largestOf(prefix.tokens), smallestOf(inputTokens)]
  return part === null || whole === null || whole === 0 ? null : Math.min(1, (prefix.share * part) / whole)
}

/** Bounds where the distribution has them: what is asked for must never look like too much. */
function largestOf(spec: DistributionSpec): number | null {
  if (typeof spec === 'number') return spec
  if ('uniform' in spec) return spec.uniform[1]
  if ('table' in spec) return Math.max(...spec.table.map(([value]) => value))
  return spec.max ?? null
}

function smallestOf(spec: DistributionSpec): number | null {
  if (typeof spec === 'number') return spec
  if ('uniform' in spec) return spec.uniform[0]
  if ('table' in spec) return Math.min(...spec.table.map(([value]) => value))
  return spec.min ?? null
}

function cacheWarm({ point, manifest, allow }: Evidence): Judgement | null {
  const planned = plannedHits(manifest.profile.workload)
  const hits = [point.server?.prefixHitShare ?? null, point.tokens.cachedShare].filter((v) => v !== null)
  if (planned === null || hits.length === 0) return null
  const seen = Math.max(...hits)
  const allowed = planned + allow.cacheShare
  if (seen <= allowed) return null
  const asked = planned === 0 ? 'every prompt was made unique' : `${percent(planned)} at most was asked for`
  return {
    severity: 'caveat',
    message: `${percent(seen)} of the input came from the prefix cache although ${asked}`,
    seen,
    allowed,
    unit: 'share',
  }
}

/** Requests that never had a chance, for reasons of ours. */
function clientLimit({ point }: Evidence): Judgement | null {
  const refused = point.failures.find((f) => f.code === 'client-limit')
  if (refused === undefined) return null
  return {
    severity: 'invalid',
    message: `${refused.count} requests failed because our own machine refused them a connection (${refused.example})`,
    seen: refused.count,
    allowed: 0,
    unit: 'requests',
  }
}

/** Was the target one and the same, and did it do the work? */
export const targetRules: readonly Rule[] = [
  {
    code: 'client-limit',
    advice: 'Ask `falloff doctor`: it names the limit, and how to raise it.',
    judge: clientLimit,
  },
  {
    code: 'failures',
    advice: 'Read latency together with the failures; objectives count each failure as a miss.',
    judge: failures,
  },
  {
    code: 'server-restarted',
    advice: 'Find out why the engine restarted, then run again.',
    judge: serverRestarted,
  },
  {
    code: 'model-changed',
    advice: 'Name one exact model (target.model), and measure each by itself.',
    judge: modelChanged,
  },
  {
    code: 'cache-contamination',
    advice:
      'A chat template or other traffic is cached: TTFT is flattered by it. Longer prompts or a restart of the engine settle it.',
    judge: cacheWarm,
  },
]
