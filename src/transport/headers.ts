import { unsendableError } from './failure.js'

/** What RFC 9110 allows in a name, and forbids in a value: anything that could end a field and begin another. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i
const UNSAFE = /[^\t\x20-\x7e\x80-\xff]/

/** @returns what is wrong with the first header that could not be sent as it is; not its value, which may be a key */
export function headersFault(headers: Readonly<Record<string, string>>): Error | undefined {
  for (const name of Object.keys(headers)) {
    if (!TOKEN.test(name)) return unsendableError('the name of a header is none that HTTP allows')
    if (UNSAFE.test(headers[name] ?? '')) {
      return unsendableError(`header ${name} holds a character that HTTP does not allow`)
    }
  }
  return undefined
}
