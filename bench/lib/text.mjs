import { machineLine } from './machine.mjs'
import { markdownTable } from './table.mjs'

/** @param {ReturnType<typeof import('./machine.mjs').describeMachine>} machine @param {boolean} neighbour */
export const headText = (machine, neighbour) =>
  `${machineLine(machine)}${neighbour ? '; **a busy neighbour on the core of the client**' : ''}.`

/** @param {readonly import('../bench.mjs').Table[]} tables */
export const sectionText = (tables) =>
  tables
    .map(({ title, note, header, rows }) => `### ${title}\n\n${note}\n\n${markdownTable(header, rows)}`)
    .join('\n\n')

/** How many aims are met, and which are not. @param {readonly import('../bench.mjs').Table[]} tables */
export function closingText(tables) {
  const aims = tables.flatMap((table) => table.aims)
  const missed = aims.filter(({ met }) => !met)
  const list = missed.map(({ figure, text }) => `\n- ${figure}: ${text}`).join('')
  return `${aims.length - missed.length} of ${aims.length} aims met${list === '' ? '.' : `; missed:${list}`}`
}
