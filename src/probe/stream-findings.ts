import { formatNs, formatNumber } from '../base/index.js'
import { type Finding, found, notTold } from './finding.js'
import { EXACT_TOKENS, type LengthFinding } from './length.js'
import { SPEED_TOKENS, type StreamSpeed } from './speed.js'
import { COUNTED_TEXT, type TokenizerFinding } from './tokenizer.js'
import { countedTokens, type Heard, readsOf, verdictOf } from './tries.js'

/** What was tried on the API that a run would use. */
export interface Trial {
  readonly first: Heard
  readonly length: LengthFinding
  readonly tokenizer: TokenizerFinding
  readonly speeds: readonly StreamSpeed[]
}

export function streamFindings({ first, length, tokenizer, speeds }: Trial): Finding[] {
  // The longer of the two answers shows more of how a stream comes.
  const longest = length.heard ?? first
  return [
    streamingFinding(first, speeds),
    usageFinding(longest),
    chunkUsageFinding(length),
    tokensPerChunkFinding(longest, speeds),
    exactFinding(length),
    tokenizerFinding(tokenizer),
    ...speedFindings(speeds),
    ...cacheSeenFinding(speeds),
  ]
}

/** A stream that was held back comes in one read; but so does a short one that we were late to look at. */
function streamingFinding(first: Heard, speeds: readonly StreamSpeed[]): Finding {
  if (verdictOf(first) === 'whole') {
    const how = `asked for a stream, got ${first.answer.headers['content-type'] ?? 'no content type'}`
    return found('streaming', false, 'no: the answer is one JSON document', how)
  }
  const streams = [...speeds, { chunks: first.outputs.length, reads: readsOf(first) }]
  const [{ chunks, reads } = { chunks: 0, reads: 0 }] = streams.sort(
    (a, b) => b.reads - a.reads || b.chunks - a.chunks,
  )
  if (chunks === 0) return notTold('streaming', 'the model answered with nothing')
  const how = `${chunks} chunks of output in ${reads} ${reads === 1 ? 'read' : 'reads'}`
  return found('streaming', reads > 1, reads > 1 ? 'yes' : 'no: the stream comes in one piece', how)
}

function usageFinding(heard: Heard): Finding {
  const { usage } = heard
  const told = Object.keys(usage).map((name) => USAGE[name] ?? name)
  if (told.length > 0) {
    const shown = `yes: ${told.join(', ')} tokens`
    return found('usage', usage, shown, heard.runningUsage ? 'on the chunks of the stream' : 'in the stream')
  }
  const whole = verdictOf(heard) === 'whole' && countedTokens(heard) !== undefined
  if (whole) return found('usage', {}, 'yes', 'in the document')
  return found('usage', null, 'no: token counts will be chunk counts', 'the stream ended without any')
}

const USAGE: Readonly<Record<string, string>> = {
  inputTokens: 'input',
  outputTokens: 'output',
  cachedTokens: 'cached',
  reasoningTokens: 'reasoning',
}

function chunkUsageFinding({ chunkUsage, refusal }: LengthFinding): Finding {
  if (chunkUsage === 'not told') return notTold('count per chunk', refusal ?? 'no answer to a request for it')
  const shown = { counted: 'yes', 'counted unasked': 'yes, unasked', 'not counted': 'no', refused: 'no' }
  const how = {
    counted: 'asked for a running count, got one',
    'counted unasked': 'chunks tell their tokens without being asked',
    'not counted': 'no chunk told its tokens',
    refused: refusal ?? 'the field is refused',
  }
  const value = chunkUsage === 'counted' || chunkUsage === 'counted unasked'
  return found('count per chunk', value, shown[chunkUsage], how[chunkUsage])
}

function tokensPerChunkFinding({ outputs }: Heard, speeds: readonly StreamSpeed[]): Finding {
  const counts = outputs.map(({ tokens }) => tokens).filter((tokens) => tokens >= 0)
  if (counts.length > 0 && counts.length === outputs.length) {
    const mean = counts.reduce((a, b) => a + b, 0) / counts.length
    const most = Math.max(...counts)
    const shown = most > mean ? `${formatNumber(mean)}, at most ${most}` : formatNumber(mean)
    return found('tokens per chunk', { mean, most }, shown, `counted on ${counts.length} chunks`)
  }
  const { tokens, chunks } = speeds.find((speed) => speed.counted && speed.chunks > 0) ?? {
    tokens: 0,
    chunks: 0,
  }
  if (chunks === 0) return notTold('tokens per chunk', 'nothing counts the tokens of a chunk')
  const how = `${tokens} tokens by usage in ${chunks} chunks`
  return found('tokens per chunk', { mean: tokens / chunks }, formatNumber(tokens / chunks), how)
}

const EXACT: Readonly<Record<LengthFinding['exact'], string>> = {
  obeyed: 'yes',
  'seems obeyed': 'yes, as far as seen',
  ignored: 'no',
  refused: 'no',
  'no way to ask': 'no: the API has no field for it',
  'not told': 'not told',
}

function exactFinding({ exact, exactTokens, refusal }: LengthFinding): Finding {
  const got = `asked for ${EXACT_TOKENS}, got ${exactTokens}`
  const how = {
    obeyed: `${got}, of an answer that ends sooner by itself`,
    'seems obeyed': `${got}; the answer is as long without being asked`,
    ignored: got,
    refused: refusal ?? 'the fields are refused',
    'no way to ask': 'max tokens alone bounds an answer',
    'not told': refusal ?? 'nothing counts the tokens of the answer',
  }
  const value = exact === 'not told' ? null : exact === 'obeyed' || exact === 'seems obeyed'
  return found('exact length', value, EXACT[exact], how[exact])
}

function tokenizerFinding(tokenizer: TokenizerFinding): Finding {
  const how = 'POST /tokenize'
  if (tokenizer.kind === 'counts') {
    const seen = `${how}: "${COUNTED_TEXT}" has ${tokenizer.tokens}`
    return found('tokenizer', true, 'yes', seen)
  }
  if (tokenizer.kind === 'other form') return found('tokenizer', false, 'in a form not read here', how)
  return found('tokenizer', false, 'none', `${how}: ${tokenizer.why}`)
}

function speedFindings(speeds: readonly StreamSpeed[]): Finding[] {
  const how = `${speeds.length} streams of ${SPEED_TOKENS} tokens, one after the other`
  const trouble = speeds.find((speed) => speed.trouble !== undefined)?.trouble?.message
  const seen = trouble === undefined ? how : `${how}; ${trouble}`
  const ttfts = speeds.flatMap(({ ttftNs }) => ttftNs ?? [])
  const rates = speeds.flatMap(({ tokensPerS }) => tokensPerS ?? [])
  const uncounted = speeds.some(({ counted }) => !counted) ? ', by chunks' : ''
  const wholes = speeds.flatMap(({ wholeNs }) => wholeNs ?? [])
  return [
    ttfts.length === 0
      ? noFirstToken(wholes, seen)
      : found('first token', { ms: ttfts.map((ns) => ns / 1e6) }, ttfts.map(formatNs).join(', '), seen),
    rates.length === 0
      ? notTold('stream speed', seen)
      : found(
          ...(['stream speed', { tokensPerS: rates }] as const),
          `${rates.map(formatNumber).join(', ')} tokens/s${uncounted}`,
          'the same streams, after their first read',
        ),
  ]
}

const noFirstToken = (wholesNs: readonly number[], how: string): Finding =>
  wholesNs.length === 0
    ? notTold('first token', how)
    : found('first token', null, `no stream; whole answers took ${wholesNs.map(formatNs).join(', ')}`, how)

/** What the second of two equal prompts says of a prefix cache at work. */
function cacheSeenFinding(speeds: readonly StreamSpeed[]): Finding[] {
  const second = speeds.at(-1)
  if (speeds.length < 2 || second?.cachedTokens === undefined) return []
  const { cachedTokens, inputTokens } = second
  const shown = `${cachedTokens} of ${inputTokens ?? 'the'} prompt tokens`
  return [
    found('cache at work', { cachedTokens, inputTokens }, shown, 'usage of the second of two equal prompts'),
  ]
}
