// One request for all contenders.

/**
 * @typedef {{ ttftMs: number, gapMs: number }} Shape of an answer; a gap of 0: as fast as it is taken
 *
 * @typedef {object} Contender something that reads streamed answers
 * @property {(index: number, tokens: number, shape: Shape) => Promise<void>} answer
 *   asks, reads to the end of the answer and resolves then; rejects when it did not come whole
 * @property {() => number} units what it has counted so far, in units of its own: bytes, or events
 * @property {() => void} [tick] called twice a second
 *
 * @typedef {object} Place
 * @property {string} url base of the server @property {string} model @property {string} folder to write to
 */

export const PATH = '/v1/chat/completions'
export const HEADERS = { 'content-type': 'application/json', accept: 'text/event-stream' }
export const MESSAGES = [{ role: 'user', content: 'word '.repeat(50) }]

/** @param {string} model @param {number} tokens @param {Shape} shape */
export const bodyOf = (model, tokens, shape) =>
  JSON.stringify({ model, messages: MESSAGES, max_tokens: tokens, stream: true, emit: shape })
