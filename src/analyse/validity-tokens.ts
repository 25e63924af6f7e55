import { type Evidence, type Judgement, percent, type Rule } from './validity-rule.js'

function outputsShort({ allow, outputShortfall: seen }: Evidence): Judgement | null {
  if (seen === null || seen <= allow.outputShortfallShare) return null
  return {
    severity: 'caveat',
    message: `outputs were ${percent(seen)} shorter than asked for`,
    seen,
    allowed: allow.outputShortfallShare,
    unit: 'share',
  }
}

/** Where the engine was told to keep the length. Outputs that are short altogether have a finding of their own. */
function outputsInexact(evidence: Evidence): Judgement | null {
  const { point, manifest, allow } = evidence
  const exact = point.tokens.outputExactShare
  if (!manifest.tokens.exactOutput || exact === null || outputsShort(evidence) !== null) return null
  const seen = 1 - exact
  if (seen <= allow.outputInexactShare) return null
  return {
    severity: 'caveat',
    message: `${percent(seen)} of the outputs had not the length asked for`,
    seen,
    allowed: allow.outputInexactShare,
    unit: 'share',
  }
}

function inputsOff({ point, allow }: Evidence): Judgement | null {
  const error = point.tokens.inputErrorMean
  if (error === null || Math.abs(error) <= allow.inputErrorShare) return null
  return {
    severity: 'caveat',
    message: `prompts were ${percent(Math.abs(error))} ${error > 0 ? 'longer' : 'shorter'} than asked for on average`,
    seen: Math.abs(error),
    allowed: allow.inputErrorShare,
    unit: 'share',
  }
}

function tokensDisputed({ point, allow }: Evidence): Judgement | null {
  const { clientOutputTokens: ours, serverOutputTokens: theirs } = point.tokens
  if (theirs === null || ours === 0) return null
  const seen = Math.abs(theirs - ours) / ours
  if (seen <= allow.tokenDisputeShare) return null
  return {
    severity: 'caveat',
    message: `we counted ${ours} output tokens, the engine ${theirs}`,
    seen,
    allowed: allow.tokenDisputeShare,
    unit: 'share',
  }
}

function tokensAssumed({ point }: Evidence): Judgement | null {
  const seen = point.tokens.sources.counted ?? 0
  if (seen === 0) return null
  return {
    severity: 'caveat',
    message: `the server gave no token counts for ${seen} requests: one token a chunk is assumed`,
    seen,
    allowed: 0,
    unit: 'requests',
  }
}

/** Were prompts and outputs as long as asked, and do we agree with the server on it? */
export const tokenRules: readonly Rule[] = [
  {
    code: 'outputs-short',
    advice:
      'Set target.exactOutput where the engine obeys it, or ask for the length that the model gives by itself.',
    judge: outputsShort,
  },
  {
    code: 'outputs-inexact',
    advice: 'The engine does not obey ignore_eos and min_tokens to the letter: set target.exactOutput: off.',
    judge: outputsInexact,
  },
  {
    code: 'inputs-off',
    advice: 'Set target.tokenizer to server, calibrate, or the tokenizer.json of the model.',
    judge: inputsOff,
  },
  {
    code: 'tokens-disputed',
    advice:
      'Keep other traffic away, which moves the engine’s counter too; else the token counts in the answers are wrong, and with them every rate.',
    judge: tokensDisputed,
  },
  {
    code: 'tokens-assumed',
    advice: 'Set target.chunkUsage, or take tokens per second as chunks per second.',
    judge: tokensAssumed,
  },
]
