import {
  type EngineFacts,
  FIRST_PAGES,
  furtherPages,
  knowEngine,
  type MetricsAnswer,
  pagesOf,
} from '../observe/index.js'
import type { Answer, Asker, Question } from './asker.js'

/** What the server's own pages say it is, and which page said so. */
export interface Identity {
  readonly facts: EngineFacts
  /** What came from the metrics page; no status: nothing. */
  readonly metrics: Answer
  /** Every answer, by path: for the clock and the headers. */
  readonly answers: ReadonlyMap<string, Answer>
  /** Pages by which a fact is known; empty where it is not. */
  sourcesOf(fact: (facts: EngineFacts) => unknown): readonly string[]
}

const METRICS = '/metrics'

/** Looks at the pages that engines describe themselves on, in two rounds; none of them generates anything. */
export async function identify(
  asker: Asker,
  model: string | undefined,
  common: Pick<Question, 'headers' | 'deadlineMs'>,
): Promise<Identity> {
  const answers = await askAll(asker, [...FIRST_PAGES, METRICS], common)
  const further = furtherPages(pagesOf(answers), answers.get(METRICS)).filter((path) => !answers.has(path))
  return identityIn(new Map([...answers, ...(await askAll(asker, further, common))]), model)
}

/** Asks an engine that is known once more: some tell of a model only when it is loaded. */
export async function identifyAgain(
  { answers }: Identity,
  asker: Asker,
  model: string | undefined,
  common: Pick<Question, 'headers' | 'deadlineMs'>,
): Promise<Identity> {
  const paths = furtherPages(pagesOf(answers), answers.get(METRICS)).filter((path) =>
    isFine(answers.get(path)),
  )
  return identityIn(new Map([...answers, ...(await askAll(asker, paths, common))]), model)
}

const isFine = ({ status = 0 }: Partial<Answer> = {}): boolean => status >= 200 && status < 300

async function askAll(
  asker: Asker,
  paths: readonly string[],
  common: Pick<Question, 'headers' | 'deadlineMs'>,
): Promise<Map<string, Answer>> {
  const asked = paths.map(async (path) => [path, await asker.ask({ path, ...common })] as const)
  return new Map(await Promise.all(asked))
}

/** @param answers by path, that of the metrics among them */
function identityIn(answers: ReadonlyMap<string, Answer>, model: string | undefined): Identity {
  const know = (keep: (path: string) => boolean): EngineFacts => {
    const kept = new Map([...answers].filter(([path]) => keep(path)))
    const metrics: MetricsAnswer | undefined = kept.get(METRICS)
    return knowEngine(pagesOf(kept), metrics, model)
  }
  const facts = know(() => true)
  const told = [...answers].filter(([, answer]) => isFine(answer))
  const variants = told.map(([path]) => ({
    path,
    without: know((other) => other !== path),
    alone: know((other) => other === path),
  }))
  return {
    facts,
    metrics: answers.get(METRICS) ?? NOTHING,
    answers,
    sourcesOf(fact) {
      const same = (other: EngineFacts): boolean =>
        JSON.stringify(fact(other)) === JSON.stringify(fact(facts))
      if (fact(facts) === undefined) return []
      const needed = variants.filter(({ without }) => !same(without))
      // Told twice: then no page is needed, and each that says it alone is one to name.
      const named = needed.length > 0 ? needed : variants.filter(({ alone }) => same(alone))
      return named.map(({ path }) => path)
    },
  }
}

const NOTHING: Answer = { headers: {}, text: '', askedAtMs: 0, sentNs: 0, endNs: 0 }
