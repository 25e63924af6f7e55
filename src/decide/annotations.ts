import type { GateReport } from './judge.js'

/** In a message the sign that begins an escape, and what would end the command; in a property the signs that part them too. */
const message = (text: string): string =>
  text.replace(/[%\r\n]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
const property = (text: string): string =>
  message(text).replace(/[:,]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

/** Workflow commands of GitHub Actions, one line each: what fails is an error, what is open a warning. Ends with a line feed. */
export function renderAnnotations({ gates, inconclusive }: GateReport): string {
  return gates
    .flatMap(({ gate, outcome, text }) => {
      if (outcome === 'pass') return []
      const level = outcome === 'inconclusive' && inconclusive === 'pass' ? 'warning' : 'error'
      return [`::${level} title=${property(`falloff: ${gate}`)}::${message(text)}\n`]
    })
    .join('')
}
