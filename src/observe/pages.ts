import type { Pages } from './engine-identity.js'

/** What came back from one path; undefined where nothing did. */
export interface PageAnswer {
  readonly status?: number
  readonly text: string
}

/** Answers by path, read without trust: what is no 2xx, or no JSON, is as if it were not there. */
export function pagesOf(answers: ReadonlyMap<string, PageAnswer | undefined>): Pages {
  const text = (path: string): string | undefined => {
    const answer = answers.get(path)
    return answer?.status !== undefined && answer.status >= 200 && answer.status < 300
      ? answer.text
      : undefined
  }
  return {
    text,
    json(path) {
      const found = text(path)
      return found === undefined ? undefined : parsed(found)
    },
  }
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
