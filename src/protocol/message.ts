const MAX_MESSAGE = 200

/**
 * One line for a record, from what a server wrote. What looks like a key is masked, wherever a server repeats it, and so
 * is what it repeats of the request.
 */
export const messageOf = (text: string): string =>
  MASKS.reduce((masked, [pattern, mask]) => masked.replace(pattern, mask), text)
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, MAX_MESSAGE)

/** Gateways answer with a page: its title says it all. */
export function plainText(body: string): string {
  if (!/<(html|!doctype|head|body)\b/i.test(body)) return body
  return /<title>([^<]*)/i.exec(body)?.[1]?.trim() || 'a page without a title'
}

const MASKS: readonly (readonly [RegExp, string])[] = [
  // A validation error repeats what was sent.
  [/(["'](?:input|prompt|inputs|messages)["']\s*:)\s*[^\s].*/s, '$1 …'],
  // User and password of a URL.
  [/(:\/\/)[^\s/@]+@/g, '$1…@'],
  [/\b(bearer|basic)\s+(?=[\w.~+/=*-]*[\d*]|\S{16})[\w.~+/=*-]{6,}/gi, '$1 …'],
  // Providers' keys by their beginnings, whole or with their middle left out.
  [/\b(sk|pk|gsk|xai|hf|nvapi|pplx|csk|fw|r8|ghp|tgp)[-_][\w*.…-]{4,}/g, '$1-…'],
  [/\b(AKIA|ASIA|AIza|ya29)[\w.-]{8,}/g, '$1…'],
  // JSON Web Tokens.
  [/\beyJ[\w.-]{8,}/g, '…'],
  // Whatever is called a key.
  [
    /\b((?:api|access|secret|auth)[ _-]?(?:key|token)(?: provided)?["']?\s*(?:[:=]|\bis\b)\s*["'`]?)(?=\S*[\d*]|\S{16})[^\s"'`,;]{4,}/gi,
    '$1…',
  ],
  // Long runs of letters and digits.
  [/\b(?=[a-z]*\d)(?=\d*[a-z])[a-z\d]{32,}\b/gi, '…'],
]
