import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parse } from 'yaml'

const SHIPPED = new URL('../../../profiles/', import.meta.url)

/** Lists what ships, with the first sentence of each description. */
export function profilesCommand(): void {
  const lines = (folder: URL): string[] =>
    readdirSync(folder)
      .filter((file) => file.endsWith('.yaml'))
      .sort()
      .map((file) => `  ${basename(file, '.yaml').padEnd(34)}${describe(new URL(file, folder))}`)
  const engines = new URL('engines/', SHIPPED)
  process.stdout.write(
    ['profiles:', ...lines(SHIPPED), '', 'simulated engines:', ...lines(engines), ''].join('\n'),
  )
}

function describe(file: URL): string {
  const { description } = parse(readFileSync(file, 'utf8')) as { description?: string }
  return (description ?? '').split(/(?<=\.)\s/)[0]?.trim() ?? ''
}
