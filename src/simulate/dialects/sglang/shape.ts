import type { FinishReason } from '../../sequence.js'
import { type Counts, dataEvent, EVENT_STREAM, type Shape, type Times } from '../../shape.js'
import { abortEvent, DONE, errorEvents } from './manners.js'

/** The end of sequence's id, as what was matched. */
const END_ID = 4

const finishOf = (finish: FinishReason | undefined, output: number): object | null => {
  if (finish === undefined) return null
  return finish === 'stop' ? { type: 'stop', matched: END_ID } : { type: 'length', length: output }
}

/** Every event repeats the whole text so far. */
export function sglangShape(id: string): Shape {
  let text = ''
  const ids: number[] = []
  const bodyOf = (finish: FinishReason | undefined, counts: Counts, { arrivalNs, endNs }: Times): string =>
    JSON.stringify({
      text,
      output_ids: ids,
      meta_info: {
        id,
        finish_reason: finishOf(finish, counts.output),
        prompt_tokens: counts.prompt,
        weight_version: 'default',
        total_retractions: 0,
        completion_tokens: counts.output,
        cached_tokens: counts.cached,
        ...(finish !== undefined && { e2e_latency: (endNs - arrivalNs) / 1e9 }),
      },
    })
  return {
    contentType: EVENT_STREAM,
    piece: (emit, piece) => {
      text += piece.text
      ids.push(...piece.ids)
      emit(dataEvent(bodyOf(piece.finish, piece.counts, piece.times)), true)
    },
    closing: (emit) => emit(DONE),
    failure: (emit, error) => {
      if (error.kind === 'overloaded') {
        emit(abortEvent(error))
        emit(DONE)
      } else emit(errorEvents(error))
    },
    broken: dataEvent('{"text":"broken","meta_info":'),
    whole: (answer) => {
      text = answer.text
      ids.push(...answer.ids)
      return { body: bodyOf(answer.finish, answer.counts, answer.times) }
    },
  }
}
