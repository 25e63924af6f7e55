import { type JsonObject, objectOf, textOf } from './json.js'

/** What a server says of its error, in whatever shape. */
export interface ToldError {
  /** Undefined when there is no text that is meant for people. */
  readonly message: string | undefined
  /** The names it gives the error, the most particular first. */
  readonly names: readonly string[]
  /** An HTTP status told in the body. */
  readonly status: number | undefined
}

/** Errors within errors are read to here: a body may be nested without end. */
const MAX_DEPTH = 4

/**
 * OpenAI, vLLM, llama.cpp and Anthropic nest the error; SGLang, and clouds, write it flat; TGI and Ollama write a string
 * beside its type, FastAPI a `detail` that is a string, a list or an object; Google puts all of it into a list.
 */
export function readError(value: unknown, depth = 0): ToldError {
  if (depth > MAX_DEPTH) return NOTHING
  if (Array.isArray(value)) return readError(value[0], depth + 1)
  const outer = objectOf(value)
  const told = flat(outer)
  const inner = outer.error ?? outer.detail ?? outer.errors
  if (typeof inner === 'string') return { ...told, message: inner }
  if (typeof inner !== 'object' || inner === null) return told
  const nested = readError(inner, depth + 1)
  return {
    message: nested.message ?? told.message,
    names: [...nested.names, ...told.names],
    status: nested.status ?? told.status,
  }
}

const NOTHING: ToldError = { message: undefined, names: [], status: undefined }

function flat(error: JsonObject): ToldError {
  const message = [error.message, error.msg, error.Message, error.title].find((m) => textOf(m) !== '')
  const { error_code: code } = objectOf(error.details)
  const names = [code, error.code, error.type, error.error_type, error.status, error.__type]
  const statuses = [error.code, error.status, error.status_code, error.statusCode, error.http_status_code]
  return {
    message: message === undefined ? undefined : textOf(message),
    names: names.map(textOf).filter((name) => name !== ''),
    status: statuses.map(statusOf).find((status) => status !== undefined),
  }
}

/** LiteLLM writes its status as a string. */
function statusOf(value: unknown): number | undefined {
  const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value
  return typeof status === 'number' && status >= 400 && status < 600 ? status : undefined
}
