import type { EngineKind, TargetFacts } from '../record/index.js'

/** Pages that were asked for and answered with 2xx; anything else is undefined. */
export interface Pages {
  text(path: string): string | undefined
  /** Undefined too where the text is no JSON. */
  json(path: string): unknown
}

export type ToldFacts = Partial<
  Pick<
    TargetFacts,
    'version' | 'maxModelLen' | 'kvCacheTokens' | 'maxNumSeqs' | 'prefixCaching' | 'config' | 'watched'
  >
> & { readonly models?: readonly string[] }

/** How an engine is known by its own pages, where its model list and metrics do not name it, and what these tell. */
export interface EngineIdentity {
  readonly engine: EngineKind
  /** Asked with GET, below the base URL; none of them generates anything. */
  readonly pages: readonly string[]
  recognises(pages: Pages): boolean
  facts(pages: Pages, model: string | undefined): ToldFacts
}
