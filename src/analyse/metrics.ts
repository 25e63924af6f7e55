import { nsToMs, nsToS } from '../base/index.js'
import { METRIC_NAMES, type MetricName } from '../profile/index.js'
import type { ReadRecord } from './scan-record.js'

export type { MetricName }

/**
 * A metric is declared once; `docs/metrics.md`, the summary and the report's definitions come from here.
 *
 *     scheduled ──lateness──▶ sent ──headers──▶ ──ttft──▶ first token ──gaps──▶ last token ──▶ end
 */
export interface MetricDeclaration {
  readonly name: MetricName
  readonly label: string
  readonly unit: 'ms' | 'tokens/s' | 'tokens'
  /** In terms of the record's fields. */
  readonly formula: string
  /** What the record must hold. */
  readonly needs: string
  readonly absentWhen: string
  /** Which other tool's definition it equals, or differs from and how. */
  readonly dialects: string
  /** Whether lower is better, higher is better, or neither. */
  readonly better: 'lower' | 'higher' | 'neither'
  /** Which records of the window feed it. */
  readonly from: 'completed' | 'sent'
  /** The value of one request, in the metric's unit; undefined when absent. Null for a metric with many in a request. */
  readonly value: ((record: ReadRecord) => number | undefined) | null
  /** Values of one request, in the metric's unit; empty when absent. */
  readonly values: (record: ReadRecord) => readonly number[]
}

const between = (from: number | undefined, to: number | undefined): number | undefined =>
  from === undefined || to === undefined ? undefined : nsToMs(to - from)

/** Time per output token of one request in ms; undefined with fewer than two tokens. */
function tpotMs(r: ReadRecord): number | undefined {
  const { firstTokenNs, lastTokenNs, outputTokens } = r
  if (
    firstTokenNs === undefined ||
    lastTokenNs === undefined ||
    outputTokens === undefined ||
    outputTokens <= 1
  )
    return undefined
  return nsToMs(lastTokenNs - firstTokenNs) / (outputTokens - 1)
}

/** Gaps between successive output chunks in ms. The first pair counts from the send, and is no gap. */
function chunkGapsMs(r: ReadRecord): readonly number[] {
  const gaps: number[] = []
  for (let i = 2; i < r.chunks.length; i += 2) gaps.push(nsToMs(r.chunks[i] ?? 0))
  return gaps
}

function maxStallMs({ chunks }: ReadRecord): number | undefined {
  if (chunks.length < 4) return undefined
  let longestNs = chunks[2] ?? 0
  for (let i = 4; i < chunks.length; i += 2) longestNs = Math.max(longestNs, chunks[i] ?? 0)
  return nsToMs(longestNs)
}

const lastOutputNs = (r: ReadRecord): number => r.lastTokenNs ?? r.endNs

type Declared = Omit<MetricDeclaration, 'name' | 'from' | 'value' | 'values'> &
  Partial<Pick<MetricDeclaration, 'from'>> &
  (Pick<MetricDeclaration, 'values'> | { readonly value: (record: ReadRecord) => number | undefined })

const DECLARED: Readonly<Record<MetricName, Declared>> = {
  ttft: {
    label: 'Time to first token',
    unit: 'ms',
    formula: 'firstTokenNs − sentNs',
    needs: 'a first event that carries output: text, reasoning, a tool call or a counted token',
    absentWhen: 'the response carried no output',
    dialects:
      'AIPerf and GuideLLM (since reasoning counts there): equal. vLLM bench: earlier where a role-only delta comes first, which it takes for the first token. MLPerf: see ttftFromSchedule',
    better: 'lower',
    value: (r) => between(r.sentNs, r.firstTokenNs),
  },
  ttftFromSchedule: {
    label: 'Time to first token from schedule',
    unit: 'ms',
    formula: 'firstTokenNs − scheduledNs',
    needs: 'a first event that carries output',
    absentWhen: 'the response carried no output',
    dialects:
      'MLPerf LoadGen TTFT: equal (from the scheduled issue time). vLLM bench, GuideLLM, AIPerf: no counterpart among their TTFTs',
    better: 'lower',
    value: (r) => between(r.scheduledNs, r.firstTokenNs),
  },
  ttfv: {
    label: 'Time to first visible text',
    unit: 'ms',
    formula: 'firstVisibleNs − sentNs',
    needs: 'a first event that carries visible text',
    absentWhen: 'the response held reasoning or tool calls only',
    dialects: 'AIPerf TTFO and GuideLLM time_to_first_output_token: equal. vLLM bench, MLPerf: none',
    better: 'lower',
    value: (r) => between(r.sentNs, r.firstVisibleNs),
  },
  tpot: {
    label: 'Time per output token',
    unit: 'ms',
    formula: '(lastTokenNs − firstTokenNs) / (outputTokens − 1)',
    needs: 'a count of output tokens above 1',
    absentWhen: 'fewer than two output tokens, or no count',
    dialects:
      'vLLM bench TPOT, AIPerf inter_token_latency, GuideLLM inter_token_latency_ms and MLPerf TPOT: equal per request. GuideLLM time_per_output_token_ms differs: it starts at the request and divides by all tokens',
    better: 'lower',
    value: tpotMs,
  },
  chunkGap: {
    label: 'Gap between chunks',
    unit: 'ms',
    formula: 'chunk[i] − chunk[i − 1], all gaps of all requests in one pool',
    needs: 'chunk stamps',
    absentWhen: 'fewer than two output chunks',
    dialects:
      'vLLM bench ITL and AIPerf inter_chunk_latency: equal (a gap per chunk, however many tokens it holds). GuideLLM, MLPerf: none',
    better: 'lower',
    values: chunkGapsMs,
  },
  maxStall: {
    label: 'Longest stall',
    unit: 'ms',
    formula: 'largest chunk gap of the request',
    needs: 'chunk stamps',
    absentWhen: 'fewer than two output chunks',
    dialects: 'no counterpart in vLLM bench, GuideLLM, AIPerf or MLPerf',
    better: 'lower',
    value: maxStallMs,
  },
  e2e: {
    label: 'End to end',
    unit: 'ms',
    formula: '(lastTokenNs, or endNs without output) − sentNs',
    needs: 'a completed request',
    absentWhen: 'the request did not complete',
    dialects:
      'vLLM bench E2EL and AIPerf request_latency: equal (the closing usage event is left out). GuideLLM request_latency: runs to the end of the request',
    better: 'lower',
    value: (r) => (r.state === 'completed' ? between(r.sentNs, lastOutputNs(r)) : undefined),
  },
  e2eFromSchedule: {
    label: 'End to end from schedule',
    unit: 'ms',
    formula: '(lastTokenNs, or endNs without output) − scheduledNs',
    needs: 'a completed request',
    absentWhen: 'the request did not complete',
    dialects:
      'MLPerf latency: equal. AIPerf effective_latency: equal but for the trailing events. vLLM bench, GuideLLM: none',
    better: 'lower',
    value: (r) => (r.state === 'completed' ? between(r.scheduledNs, lastOutputNs(r)) : undefined),
  },
  headers: {
    label: 'Time to headers',
    unit: 'ms',
    formula: 'headersNs − sentNs',
    needs: 'a status line and headers',
    absentWhen: 'the connection gave no response',
    dialects:
      'AIPerf HTTP trace, time to headers: close. vLLM sends headers before the request is queued, so this is network and front end alone',
    better: 'lower',
    value: (r) => between(r.sentNs, r.headersNs),
  },
  lateness: {
    label: 'Lateness of our own sends',
    unit: 'ms',
    formula: 'sentNs − scheduledNs',
    needs: 'a request that was sent, whatever became of it',
    absentWhen: 'the request was never sent',
    dialects:
      'wrk2 and MLPerf fold it into latency. GuideLLM targeted_start_delay: an average only. AIPerf replay lag: relative to the least late request. vLLM bench: none',
    better: 'lower',
    from: 'sent',
    value: (r) => between(r.scheduledNs, r.sentNs),
  },
  perStreamTokensPerS: {
    label: 'Speed of one stream',
    unit: 'tokens/s',
    formula: '1 / tpot',
    needs: 'a count of output tokens above 1',
    absentWhen: 'fewer than two output tokens, or all of them in one moment',
    dialects:
      'AIPerf output_token_throughput_per_user: equal. GuideLLM output_tokens_per_second: lower, as it includes the TTFT. vLLM bench, MLPerf: the inverse of TPOT',
    better: 'higher',
    value: (r) => {
      const value = tpotMs(r)
      return value === undefined || value <= 0 ? undefined : 1000 / value
    },
  },
  inputTokens: {
    label: 'Input length',
    unit: 'tokens',
    formula: 'inputTokens as the server counted, else inputTokensAsked',
    needs: 'a completed request',
    absentWhen: 'the request did not complete',
    dialects:
      'vLLM bench input length: as asked. AIPerf ISL: by a client tokenizer unless told to use the server’s count. GuideLLM: the server’s count first',
    better: 'neither',
    value: (r) => r.inputTokens ?? r.inputTokensAsked,
  },
  outputTokens: {
    label: 'Output length',
    unit: 'tokens',
    formula: 'outputTokens, reasoning included',
    needs: 'a count of output tokens',
    absentWhen: 'no count was had',
    dialects:
      'vLLM bench, GuideLLM: the server’s count, as here. AIPerf OSL: output and reasoning, by a client tokenizer by default. MLPerf: by its own tokenizer',
    better: 'neither',
    value: (r) => r.outputTokens,
  },
}

const listed =
  (value: (record: ReadRecord) => number | undefined): MetricDeclaration['values'] =>
  (record) => {
    const only = value(record)
    return only === undefined ? [] : [only]
  }

/** In the order of `METRIC_NAMES`. */
export const METRICS: readonly MetricDeclaration[] = METRIC_NAMES.map((name) => {
  const declared = DECLARED[name]
  const one = 'value' in declared ? declared.value : null
  const values = 'values' in declared ? declared.values : listed(declared.value)
  return { from: 'completed', ...declared, name, value: one, values }
})

/** Seconds that a window of nanoseconds lasts; never zero, so that rates stay finite. */
export const spanS = (fromNs: number, toNs: number): number => Math.max(nsToS(toNs - fromNs), 1e-9)
