/** `max-num-seqs`, `max_num_seqs` → `maxNumSeqs`; what is in camel case stays. */
export const camelCase = (text: string): string =>
  text.replace(/[-_]+(\w)/g, (_, c: string) => c.toUpperCase())

/** `maxNumSeqs` → `max-num-seqs`. */
export const kebabCase = (text: string): string => text.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)
