import { usageError } from '../base/index.js'
import { APIS } from '../protocol/index.js'

/**
 * The base of whatever address a user has at hand: that of a server, with /v1, or of one route.
 * @returns the base URL without a slash at its end, and the API whose route was given
 * @throws UsageError for what is no URL of HTTP, or holds credentials
 */
export function baseUrlOf(given: string): { baseUrl: string; api?: string } {
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    const guess = /^[\w.-]+(:\d+)?(\/[^@]*)?$/.test(given) ? `; did you mean "http://${given}"?` : ''
    // What is no URL may hold a password all the same.
    const got = given.includes('@') ? '' : `; got "${given}"`
    throw usageError('url', `expected http://host:port or https://host${got}${guess}`)
  }
  if (url.username !== '' || url.password !== '') {
    throw usageError(
      'url',
      "holds credentials, which would end up in files; give them by --header 'authorization: Basic ${NAME}'",
    )
  }
  const path = url.pathname.replace(/\/+$/, '')
  // `/v1/completions` ends neither `/v1/chat/completions` nor the other way round: the slash before counts.
  const route = APIS.find((api) => path.endsWith(api.path))
  const base = route ? path.slice(0, -route.path.length) : path.replace(/\/v1$/, '')
  return { baseUrl: `${url.origin}${base}`, ...(route && { api: route.name }) }
}
