import type { Ending, Identity, Shape } from '../../shape.js'
import { errorLine } from './manners.js'

export type OllamaApi = 'chat' | 'generate'

interface Said {
  readonly reasoning: string
  readonly text: string
}

/** The text in the words of either endpoint; without thinking there is no such member. */
const saidOf = (api: OllamaApi, { reasoning, text }: Said): object => {
  const thinking = reasoning === '' ? {} : { thinking: reasoning }
  return api === 'chat'
    ? { message: { role: 'assistant', content: text, ...thinking } }
    : { response: text, ...thinking }
}

/** Durations in ns. What is 0 is left out. */
function durations({ counts, times }: Ending): object {
  const { arrivalNs, loadNs, startedNs, firstNs, endNs } = times
  const all = {
    total_duration: endNs - arrivalNs,
    load_duration: loadNs,
    prompt_eval_count: counts.prompt,
    prompt_eval_duration: firstNs - startedNs,
    eval_count: counts.output,
    eval_duration: endNs - firstNs,
  }
  const told = Object.entries(all).map(([name, value]) => [name, Math.round(value)] as const)
  return Object.fromEntries(told.filter(([, value]) => value > 0))
}

export function ollamaShape(api: OllamaApi, { model }: Identity, prompt: Int32Array): Shape {
  const output: number[] = []
  const lineOf = (said: Said, more: object): string =>
    JSON.stringify({ model, created_at: new Date().toISOString(), ...saidOf(api, said), ...more })
  const last = (said: Said, ending: Ending): string => {
    const context = api === 'generate' ? { context: [...prompt, ...output] } : {}
    return lineOf(said, { done: true, done_reason: ending.finish, ...context, ...durations(ending) })
  }
  return {
    contentType: 'application/x-ndjson',
    opensLate: true,
    /** A token without text has no line of its own. */
    piece: (emit, { kind, text, ids }) => {
      output.push(...ids)
      if (text === '') return
      const said = kind === 'text' ? { reasoning: '', text } : { reasoning: text, text: '' }
      emit(`${lineOf(said, { done: false })}\n`, true)
    },
    closing: (emit, ending) => emit(`${last({ reasoning: '', text: '' }, ending)}\n`),
    failure: (emit, error) => emit(errorLine(error)),
    broken: '{"model":"broken","message":{"role":\n',
    whole: (answer) => {
      output.push(...answer.ids)
      return { body: last(answer, answer), headers: { 'content-type': 'application/json; charset=utf-8' } }
    },
  }
}
