import { z } from 'zod'

const cap = z.int().positive()
const price = z.number().nonnegative()

const pricesSchema = z.strictObject({
  inputPerMTok: price.describe('US dollars for a million input tokens'),
  outputPerMTok: price.describe('US dollars for a million output tokens, reasoning included'),
  cachedPerMTok: price
    .optional()
    .describe('US dollars for a million input tokens read from the cache; as other input when left out'),
})

export const budgetSchema = z.strictObject({
  usd: z.number().positive().optional().describe('US dollars, by list price or by `prices`'),
  requests: cap.optional().describe('requests sent, retries included'),
  inputTokens: cap.optional().describe('input tokens'),
  outputTokens: cap.optional().describe('output tokens'),
  prices: pricesSchema.optional().describe('take the place of the list price of the model'),
})

type BudgetProfile = z.output<typeof budgetSchema>
export type Prices = z.output<typeof pricesSchema>
export type BudgetCaps = Omit<BudgetProfile, 'prices'>
export type BudgetCap = keyof BudgetCaps
