/**
 * Every threshold of the verdict: its default, what it bounds, and why there. This table is the one source of the profile key
 * `validity`, of what the rules compare with, and of the table in docs/validity.md (a test holds the two together).
 */
interface Threshold {
  readonly value: number
  readonly unit: 'ms' | 's' | 'share' | 'lives'
  /** What is held against it. */
  readonly bounds: string
  readonly why: string
}

const threshold = (value: number, unit: Threshold['unit'], bounds: string, why: string): Threshold => ({
  value,
  unit,
  bounds,
  why,
})

/** Our own sends, stamps and machine. */
const INSTRUMENT = {
  latenessMs: threshold(
    2,
    'ms',
    'p99 of send − schedule, whatever the TTFT',
    'timers of an event loop fire up to a millisecond late; twice that is the least that means trouble',
  ),
  latenessShare: threshold(
    0.01,
    'share',
    'the same, as a share of the median TTFT, or of a request’s median life in a closed loop; the larger of the two holds',
    'a hundredth is below the width of the interval that a thousand requests give',
  ),
  latenessInvalidMs: threshold(
    20,
    'ms',
    'from here the run is invalid',
    'sends that are so late leave in bunches: bursts were offered, not the schedule',
  ),
  latenessInvalidShare: threshold(
    0.5,
    'share',
    'the same, as a share of the median TTFT, or of a request’s median life in a closed loop; the larger of the two holds',
    'the wait for ourselves is then half as long as what is measured',
  ),
  stampErrorShare: threshold(
    0.01,
    'share',
    'p99 of the canary’s error, as a share of an objective’s limit',
    'a figure that close to its limit is unclear by its own interval too',
  ),
  stampErrorInvalidShare: threshold(
    0.1,
    'share',
    'the same; from here the run is invalid',
    'the instrument’s error could turn a miss of a tenth into a pass',
  ),
  stampErrorMs: threshold(
    0.1,
    'ms',
    'p99 of the canary’s error, whatever the metric',
    'no network between two machines is steadier than that',
  ),
  stampErrorMetricShare: threshold(
    0.05,
    'share',
    'the same, as a share of the metric’s own median; the larger of the two holds',
    'two runs of one server scatter by as much',
  ),
  stampErrorMetricInvalidShare: threshold(
    0.5,
    'share',
    'the same; from here, and from ten times stampErrorMs, the run is invalid',
    'what is shown is then to a third our own doing',
  ),
  loopDelayMs: threshold(
    5,
    'ms',
    'p99 of the event loop’s delay where no canary tells the error itself, and stamps come from the loop',
    'the monitor’s own resolution is 2 ms',
  ),
  loopDelayShare: threshold(
    0.05,
    'share',
    'the same, as a share of the median TTFT or gap, whichever is finer; the larger of the two holds',
    'as for the canary’s error, for which it stands in',
  ),
  loopDelayInvalidMs: threshold(
    100,
    'ms',
    'from here the run is invalid',
    'several tokens of every stream are then read in one go',
  ),
  loopDelayInvalidShare: threshold(
    0.5,
    'share',
    'the same, as a share of the median TTFT; the larger of the two holds',
    'as for late sends',
  ),
  clockJumpMs: threshold(
    1,
    'ms',
    'how far the wall clock was set in an interval, where the kernel stamps by it',
    'slewing moves CLOCK_MONOTONIC and the wall clock alike: only a step changes their offset, which is read every second and agrees with itself to some µs',
  ),
} as const

/** The machine that falloff runs on. */
const MACHINE = {
  coreWaitShare: threshold(
    0.1,
    'share',
    'of an interval in which a worker was ready to run and had no core',
    'a tenth of half a second is 50 ms in which nothing was sent and nothing read',
  ),
  stealShare: threshold(
    0.02,
    'share',
    'of a second that the hypervisor gave to others',
    '20 ms a second that no process here can see passing',
  ),
  cpuPressureShare: threshold(
    0.5,
    'share',
    'of a second in which some task on the machine waited for a core',
    'below that it need not have been ours; the wait of our own workers has a rule of its own',
  ),
  throttledMs: threshold(
    10,
    'ms',
    'time in the window in which the control group was held back',
    'one hold lasts up to 100 ms; a tenth of that is rounding',
  ),
  gcPauseMs: threshold(
    50,
    'ms',
    'longest pause for garbage collection',
    'young collections take 1 to 10 ms; a longer one holds up every stream of its worker',
  ),
} as const

/** The load and what became of it. */
const LOAD = {
  windowS: threshold(
    5,
    's',
    'length of the measured window',
    'engines batch, collect and log on the scale of a second; a window must hold several of these',
  ),
  windowLives: threshold(
    5,
    'lives',
    'the same, in mean lives of a request; the larger of the two holds',
    'figures of fewer describe how the run began',
  ),
  driftShare: threshold(
    0.25,
    'share',
    'drift of TTFT, end-to-end time or requests in flight through the window, as a share of the median (and p < 1 %)',
    'less than the scatter between runs of a day; more, and the figure depends on when one stops',
  ),
  rateShortfallShare: threshold(
    0.01,
    'share',
    'by which the rate of sending fell short of the planned one (open loop)',
    'Poisson arrivals scatter by more from one seed to the next',
  ),
  rateShortfallInvalidShare: threshold(
    0.1,
    'share',
    'the same; from here the run is invalid',
    'the figures are those of another rate than the one they are labelled with',
  ),
  droppedShare: threshold(
    0.001,
    'share',
    'of the planned arrivals that found limits.maxInFlight reached',
    'dropped arrivals are the slowest ones: a thousandth is all of p99.9',
  ),
  errorShare: threshold(
    0.01,
    'share',
    'of the requests that did not complete, other than by our own stop',
    'more than that and p99 of the completed ones is not the users’ p99',
  ),
  errorInvalidShare: threshold(
    0.5,
    'share',
    'the same; from here the run is invalid',
    'latency of the lesser half speaks for nobody',
  ),
  littlesLawShare: threshold(
    0.15,
    'share',
    'difference between requests in flight and rate × mean life',
    'the law is exact at rest; the ends of a window of five lives leave about a tenth',
  ),
  cacheShare: threshold(
    0.05,
    'share',
    'of the input that came from the prefix cache beyond what was asked for',
    'a chat template of a few dozen tokens is cached always, and is no more than that of a prompt of 1,000',
  ),
} as const

/** What was asked of the target and what it gave. */
const TOKENS = {
  outputInexactShare: threshold(
    0.01,
    'share',
    'of the outputs whose length was not the one asked for, where the engine was told to keep it',
    'an engine that obeys keeps all of them',
  ),
  outputShortfallShare: threshold(
    0.1,
    'share',
    'output tokens missing of those asked for',
    'throughput and load on the cache fall with them',
  ),
  inputErrorShare: threshold(
    0.05,
    'share',
    'mean error of the prompts’ length',
    'TTFT of long prompts is proportional to their length',
  ),
  tokenDisputeShare: threshold(
    0.05,
    'share',
    'difference between our count of output tokens and the engine’s own counter',
    'requests in progress at the ends of the run leave a few per cent',
  ),
  unstampedShare: threshold(
    0.001,
    'share',
    'reads without a credible stamp of the kernel, to chunks',
    'one in a thousand does not reach p99',
  ),
  coalescedShare: threshold(
    0.05,
    'share',
    'of the chunks that shared a read with the one before',
    'gaps of zero then reach the percentiles that are read',
  ),
  lateCoalescedShare: threshold(
    0.01,
    'share',
    'of the chunks that our own lateness may have bunched',
    'one gap in a hundred is p99 of the gaps',
  ),
} as const

export const THRESHOLDS = { ...INSTRUMENT, ...MACHINE, ...LOAD, ...TOKENS } as const

export type ThresholdName = keyof typeof THRESHOLDS
