import { z } from 'zod'
import { THRESHOLDS, type ThresholdName } from './thresholds.js'

export type Thresholds = Readonly<Record<ThresholdName, number>>

const entries = Object.entries(THRESHOLDS) as [ThresholdName, (typeof THRESHOLDS)[ThresholdName]][]

export const DEFAULT_THRESHOLDS = Object.fromEntries(
  entries.map(([name, t]) => [name, t.value]),
) as Thresholds

export const validitySchema = z
  .strictObject(
    Object.fromEntries(
      entries.map(([name, t]) => [
        name,
        z.number().nonnegative().default(t.value).describe(`${t.bounds} (${t.unit})`),
      ]),
    ) as Record<ThresholdName, z.ZodDefault<z.ZodNumber>>,
  )
  .describe('thresholds of the verdict; docs/validity.md gives the reason of each')
