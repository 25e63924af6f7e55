/**
 * Common English words, each a single token after a space in most tokenizers. Few are enough: what matters is that
 * their token cost is known exactly, and that random sequences of them never share a beginning.
 */
export const WORDS = [
  'the',
  'of',
  'and',
  'to',
  'in',
  'is',
  'that',
  'for',
  'it',
  'as',
  'with',
  'on',
  'be',
  'at',
  'by',
  'this',
  'from',
  'or',
  'not',
  'are',
  'but',
  'all',
  'have',
  'an',
  'one',
  'we',
  'time',
  'can',
  'if',
  'more',
  'no',
  'out',
] as const

/** Every prompt begins with it, so that the first word after it always follows a space, whatever the chat template trims. */
export const ANCHOR = 'Text:'
