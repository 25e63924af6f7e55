// What every client is asked for, and what is wanted of its answer.

/**
 * @typedef {'alone' | 'with-first'} RoleChunk how the emitter sends the event that only names the role
 *
 * @typedef {object} Load
 * @property {string} url base of the emitter @property {string} model
 * @property {number} streams in a closed loop @property {number} requests in all
 * @property {string} folder of this run alone @property {string} tokenizer folder of a tokenizer on this machine
 *
 * @typedef {object} Heard what a client says of its own run
 * @property {number} completed requests
 * @property {{ p50: number, p99: number }} ttftMs
 * @property {number} gapMs the median between two events
 * @property {number} durationS by its own clock, from the first request to the last answer
 * @property {readonly string[]} doubts what it says against its own figures
 *
 * @typedef {object} Client
 * @property {string} name @property {RoleChunk} roleChunk
 * @property {() => string | undefined} version undefined: not installed
 * @property {(load: Load) => Promise<Heard>} run
 */

export const TTFT_MS = 200
export const GAP_MS = 20
export const TOKENS = 100
export const INPUT_TOKENS = 50

/** The client's streams fill twice, the first time with connections that have to be made; one alone is repeated. */
export const requestsAt = (streams) => Math.max(5, 2 * streams)

/** Events a second that a closed loop of so many streams brings if the client adds nothing. @param {number} streams */
export const mostEventsPerS = (streams) => (streams * TOKENS * 1000) / (TTFT_MS + (TOKENS - 1) * GAP_MS)
