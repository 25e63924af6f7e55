import { byteCounter } from '../lib/byte-counter.mjs'

/** @param {import('../lib/ask.mjs').Place} place */
export const open = (place) => byteCounter('undici', place)
