import { redact } from '../base/index.js'

const PLAIN = /^[\w@%+=:,./-]+$/

/** As it can be pasted into a shell, without what is secret. */
export const commandLineOf = (words: readonly string[]): string =>
  redact(words.map((word) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' '))
