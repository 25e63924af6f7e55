import type { BudgetCaps, Prices, Profile } from '../profile/index.js'

/** The price list is the one of `@pydantic/genai-prices` 0.1.8, as published on this day. */
const PRICE_LIST_DATE = '2026-09-23'

export interface KnownPrices extends Prices {
  /** Where they come from, with the date of a list. */
  readonly source: string
}

/** What a target is known by in the price list. */
interface Priced {
  readonly url: string
  readonly model: string
}

/**
 * The profile's own prices; else those of the provider at this address, by the list. Undefined where nobody knows.
 * @param inputTokens of the longest prompt: some prices rise with it
 */
export async function pricesOf(
  { budget }: Pick<Profile, 'budget'>,
  { url, model }: Priced,
  inputTokens: number,
): Promise<KnownPrices | undefined> {
  if (budget.prices) return { ...budget.prices, source: 'prices of the profile' }
  // Nearly a megabyte: loaded only where somebody may have to pay.
  const { calcPrice } = await import('@pydantic/genai-prices')
  // The list knows addresses under TLS alone; who is asked without it bills all the same.
  const providerApiUrl = url.replace(/^http:/, 'https:')
  const found = calcPrice({ input_tokens: inputTokens, output_tokens: 1 }, model, { providerApiUrl })
  if (found === null) return undefined
  const input = priceAt(found.model_price.input_mtok, inputTokens)
  const output = priceAt(found.model_price.output_mtok, inputTokens)
  const cached = priceAt(found.model_price.cache_read_mtok, inputTokens)
  if (input === undefined || output === undefined) return undefined
  return {
    inputPerMTok: input,
    outputPerMTok: output,
    ...(cached !== undefined && { cachedPerMTok: cached }),
    source: `list prices of ${found.provider.name}, ${PRICE_LIST_DATE}`,
  }
}

/** A plain price, or one that rises with the length of the prompt. */
type ListPrice =
  | number
  | { readonly base: number; readonly tiers: readonly { readonly start: number; readonly price: number }[] }
  | undefined

function priceAt(price: ListPrice, inputTokens: number): number | undefined {
  if (typeof price !== 'object') return price
  return price.tiers.filter((tier) => tier.start < inputTokens).at(-1)?.price ?? price.base
}

export const hasCaps = ({ usd, requests, inputTokens, outputTokens }: BudgetCaps): boolean =>
  [usd, requests, inputTokens, outputTokens].some((cap) => cap !== undefined)
