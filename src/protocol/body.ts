import type { PromptRequest } from './api.js'
import { type JsonObject, objectOf } from './json.js'

/** APIs without roles: the messages' contents, joined, are the prompt. */
export const promptOf = (request: PromptRequest): string => request.messages.map((m) => m.content).join('\n')

/**
 * A request body, with what the profile adds to it. Where both have an object (`options`, `parameters`), its fields are
 * put together. A null leaves a field out.
 */
export function bodyText(body: JsonObject, extra: JsonObject): string {
  const merged: Record<string, unknown> = { ...body, ...extra }
  for (const [key, value] of Object.entries(extra)) {
    if (isPlain(value) && isPlain(body[key])) merged[key] = withoutNulls({ ...objectOf(body[key]), ...value })
  }
  return JSON.stringify(withoutNulls(merged))
}

const isPlain = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const withoutNulls = (fields: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))
