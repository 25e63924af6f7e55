import { nsToMs, nsToS } from '../base/index.js'
import type { InstrumentSample, MachineSample } from '../record/index.js'
import { canaryFindings } from './canary.js'
import type { InstrumentFindings, RunData } from './findings.js'
import type { Gathered } from './gather.js'
import { quantileOf, sortValues } from './stats/index.js'
import type { Judged } from './window.js'

/**
 * What we say of ourselves and of our machine over the window. A sample stands for the interval that ends at its stamp;
 * those that end inside the window count.
 */
export function instrumentFindings(
  g: Gathered,
  run: RunData,
  judged: Judged,
  latenessP99Ms: number | null,
): InstrumentFindings {
  const isInside = ({ atNs }: { readonly atNs: number }): boolean =>
    atNs >= judged.fromNs && atNs <= judged.toNs
  const inside = run.instrumentSamples.filter(isInside)
  return {
    latenessP99Ms,
    ...loopOf(inside),
    ...machineOf(run.machineSamples.filter(isInside)),
    ...clockOf(run.instrumentSamples.filter((s) => s.atNs >= judged.fromNs)),
    unstampedReads: inside.reduce((sum, s) => sum + (s.unstampedReads ?? 0), 0),
    canary: canaryFindings(inside),
    newConnections: judged.rows.reduce((sum, row) => sum + g.columns.fresh.at(row), 0),
    workers: run.manifest.workers,
    stamps: [...g.stamps].sort().join(' and ') || 'none',
  }
}

/** Largest of the values that are there; null without any. */
const most = (values: readonly (number | undefined)[]): number | null =>
  values.reduce<number | null>((max, v) => (v === undefined ? max : Math.max(max ?? v, v)), null)

const msOf = (ns: number | undefined): number | undefined => (ns === undefined ? undefined : nsToMs(ns))

function loopOf(samples: readonly InstrumentSample[]) {
  const delays = sortValues(Float64Array.from(samples, (s) => nsToMs(s.loopDelayP99Ns)))
  return {
    loopDelayP99Ms: delays.length === 0 ? null : quantileOf(delays, 0.99),
    loopDelayMaxMs: most(samples.map((s) => nsToMs(s.loopDelayMaxNs))),
    cpuShareMax: most(samples.map((s) => s.cpuShare)),
    coreWaitShareMax: most(samples.map((s) => s.coreWaitShare)),
    gcMaxMs: most(samples.map((s) => msOf(s.gcMaxNs))),
  }
}

function machineOf(samples: readonly MachineSample[]) {
  const held = samples.flatMap((s) => s.throttledNs ?? [])
  return {
    stealShareMax: most(samples.map((s) => s.stealShare)),
    cpuPressureShareMax: most(samples.map((s) => s.cpuPressureShare)),
    throttledMs: held.length === 0 ? null : nsToMs(held.reduce((a, b) => a + b, 0)),
  }
}

/** The farthest jump from the window's start on: answers of the window's requests may still come after its end. */
function clockOf(samples: readonly InstrumentSample[]) {
  const size = (s: InstrumentSample): number => Math.abs(s.clockJumpNs ?? 0)
  const worst = samples
    .filter((s) => s.clockJumpNs !== undefined)
    .reduce<InstrumentSample | undefined>((a, b) => (a === undefined || size(b) > size(a) ? b : a), undefined)
  if (worst?.clockJumpNs === undefined) return { clockJumpMs: null, clockJumpAtS: null }
  return { clockJumpMs: nsToMs(worst.clockJumpNs), clockJumpAtS: nsToS(worst.atNs) }
}
