import { type Finding, found } from './finding.js'
import { answers, countedTokens, type Heard, type Verdict, verdictOf } from './tries.js'

/** One row for each API. @param paths by API */
export const apiFindings = (heard: readonly Heard[], paths: ReadonlyMap<string, string>): Finding[] =>
  heard.map((one) => {
    const verdict = verdictOf(one)
    return found(one.api, verdict, SHOWN[verdict], `POST ${paths.get(one.api)}: ${whatCame(one, verdict)}`)
  })

const SHOWN: Readonly<Record<Verdict, string>> = {
  streams: 'yes',
  whole: 'yes, not streamed',
  refused: 'refused',
  absent: 'no',
  silent: 'no answer',
  'not asked': 'not asked',
}

function whatCame(heard: Heard, verdict: Verdict): string {
  const { answer, outputs, failure, finish } = heard
  if (answers(verdict)) {
    const tokens = countedTokens(heard)
    const counted = tokens === undefined ? '' : `${plural(tokens, 'token')} in `
    const pieces = verdict === 'whole' ? 'one document' : plural(outputs.length, 'chunk')
    const ended = finish === undefined ? '' : `, ended by ${finish}`
    return `${counted}${pieces}${ended}${failure ? `; ${failure.message}` : ''}`
  }
  return failure?.message ?? `HTTP ${answer.status}, ${answer.headers['content-type'] ?? 'no body'}`
}

const plural = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`
