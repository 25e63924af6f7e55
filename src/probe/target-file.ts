import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { stringify } from 'yaml'
import { TARGETS_FOLDER } from '../profile/index.js'
import type { FindingGroup } from './finding.js'

/** `targets/127.0.0.1-8000.yaml` */
export function targetPath(url: string): string {
  const { hostname, port, protocol } = new URL(url)
  // A name that began with a dash would be taken for a flag.
  const host = hostname.replace(/^\[:*/, 'ipv6-').replace(']', '').replace(/:+/g, '-')
  return join(TARGETS_FOLDER, `${host}-${port || (protocol === 'https:' ? 443 : 80)}.yaml`)
}

/** How profiles and `--target` call a file. */
export const targetName = (path: string): string =>
  dirname(path) === TARGETS_FOLDER && path.endsWith('.yaml') ? basename(path, '.yaml') : path

export interface TargetNotes {
  readonly path: string
  readonly groups: readonly FindingGroup[]
  /** ISO 8601, to the minute. */
  readonly probedAtUtc: string
  readonly requests: number
  /** Headers that were given by value, and so are not written. */
  readonly leftOut: readonly string[]
}

/** The text of a target file: the mapping, and what was found as comments. */
export function targetText(fields: object, notes: TargetNotes): string {
  const { path, groups, probedAtUtc, requests, leftOut } = notes
  const findings = groups.flatMap((group) => group.findings)
  const nameWidth = Math.max(...findings.map(({ name }) => name.length)) + 2
  const lines = [
    `Found by falloff probe on ${probedAtUtc}, in ${requests} requests.`,
    `A profile names this file by target: ${targetName(path)}, a command by --target ${targetName(path)}.`,
    ...leftOut.map(
      (name) =>
        `Header ${name} was given by its value and is not written: add it as '\${NAME}', from the environment.`,
    ),
  ]
  const found = [
    'found:',
    ...findings.map(({ name, shown, how }) => `  ${name.padEnd(nameWidth)}${shown} (${how})`),
  ]
  return [
    ...lines.map(comment),
    stringify({ target: fields }, { lineWidth: 0 }).trimEnd(),
    ...found.map(comment),
    '',
  ].join('\n')
}

/** One line, whatever a server put into it. */
const comment = (line: string): string => `# ${line.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trimEnd()}`

/** Replaces what stood there: a probe tells what is now. */
export function writeTargetFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/** Splits what was given into what may be written, for its keys are names of variables, and the names of the rest. */
export function writableHeaders(given: Readonly<Record<string, string>>): {
  headers: Record<string, string>
  leftOut: string[]
} {
  const headers: Record<string, string> = {}
  const leftOut: string[] = []
  for (const [name, value] of Object.entries(given)) {
    const beside = value.replace(/\$\{\w+\}/g, '').trim()
    if (value.includes('${') && (beside === '' || /^(bearer|basic|token|key)$/i.test(beside)))
      headers[name] = value
    else leftOut.push(name)
  }
  return { headers, leftOut }
}
