import type { z } from 'zod'
import type { Imported } from './imported.js'

/** Reads the result files of one tool. */
export interface Importer<T> {
  readonly tool: string
  /** Only what is read of the file, and loosely: tools add fields with every version. */
  readonly schema: z.ZodType<T>
  /** Whether a file looks like its own. A file of lines is `{ lines: […] }`. */
  recognises(value: Readonly<Record<string, unknown>>): boolean
  read(value: T): Pick<Imported, 'model' | 'points' | 'defects'> & { readonly version: string | null }
}
