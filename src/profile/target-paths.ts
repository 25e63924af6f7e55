import { resolve } from 'node:path'
import { withConnectionPaths } from './connection.js'
import type { Profile } from './schema.js'

/** Paths inside a file are relative to the file's own folder. */
export function withTargetPaths(target: Profile['target'], folder: string): Profile['target'] {
  const { tokenizer } = target
  return {
    ...withConnectionPaths(target, (path) => resolve(folder, path)),
    ...(tokenizer.endsWith('.json') && { tokenizer: resolve(folder, tokenizer) }),
  }
}
