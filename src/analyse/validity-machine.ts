import type { ThresholdName } from '../profile/index.js'
import type { InstrumentFindings } from './findings.js'
import { type Judgement, ms, percent, type Rule } from './validity-rule.js'

/** One figure of the client machine against its threshold. */
interface Gauge {
  readonly code: string
  readonly read: (i: InstrumentFindings) => number | null
  readonly threshold: ThresholdName
  readonly unit: 'ms' | 'share'
  readonly say: (shown: string) => string
  readonly advice: string
}

const OWN_CORES = 'Give falloff cores of its own: another machine, a larger one, or fewer workers than cores.'

const GAUGES: readonly Gauge[] = [
  {
    code: 'core-wait',
    read: (i) => i.coreWaitShareMax,
    threshold: 'coreWaitShare',
    unit: 'share',
    say: (shown) => `a worker was ready to run and had no core for ${shown} of an interval`,
    advice: OWN_CORES,
  },
  {
    code: 'cpu-steal',
    read: (i) => i.stealShareMax,
    threshold: 'stealShare',
    unit: 'share',
    say: (shown) => `the hypervisor gave ${shown} of a second to other machines`,
    advice: 'Use a machine whose cores are not shared; no setting of falloff helps.',
  },
  {
    code: 'cpu-pressure',
    read: (i) => i.cpuPressureShareMax,
    threshold: 'cpuPressureShare',
    unit: 'share',
    say: (shown) => `in ${shown} of a second some task on this machine waited for a core`,
    advice: `${OWN_CORES} Where the server runs on the same machine, it is held up as well.`,
  },
  {
    code: 'cpu-throttled',
    read: (i) => i.throttledMs,
    threshold: 'throttledMs',
    unit: 'ms',
    say: (shown) => `our control group was held back for ${shown} in the window`,
    advice: 'Raise the CPU quota of the container, or take it away.',
  },
  {
    code: 'gc-pause',
    read: (i) => i.gcMaxMs,
    threshold: 'gcPauseMs',
    unit: 'ms',
    say: (shown) => `garbage collection held a worker up for ${shown} at a time`,
    advice: 'Fewer streams per worker, or more memory, shorten the pauses.',
  },
]

const ruleOf = (gauge: Gauge): Rule => ({
  code: gauge.code,
  advice: gauge.advice,
  judge: ({ point, allow }): Judgement | null => {
    const seen = gauge.read(point.instrument)
    const allowed = allow[gauge.threshold]
    if (seen === null || seen <= allowed) return null
    const shown = gauge.unit === 'ms' ? ms(seen) : percent(seen)
    return { severity: 'caveat', message: gauge.say(shown), seen, allowed, unit: gauge.unit }
  },
})

const madeAgain: Rule = {
  code: 'made-again',
  advice: 'Which of the two counts was decided by such findings alone, never by a figure of the target.',
  judge: ({ manifest }): Judgement | null =>
    manifest.madeAgain === undefined
      ? null
      : {
          severity: 'note',
          message: `a first measurement was spoilt (${manifest.madeAgain.because.join(', ')}) and is kept as ${manifest.madeAgain.keptAs}`,
          ...{ seen: null, allowed: null, unit: '' },
        },
}

/** On the machine that falloff runs on. What its shortage did to sends and stamps, other rules judge. */
export const machineRules: readonly Rule[] = [...GAUGES.map(ruleOf), madeAgain]
