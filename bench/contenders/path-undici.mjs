import { wholePath } from '../lib/whole-path.mjs'

/** @param {import('../lib/ask.mjs').Place} place */
export const open = (place) => wholePath('undici', place)
