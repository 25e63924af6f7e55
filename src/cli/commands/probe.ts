import { EXIT, usageError } from '../../base/index.js'
import { resolveAccess, waysTo } from '../../experiment/index.js'
import {
  baseUrlOf,
  type ProbeResult,
  probe,
  targetName,
  targetPath,
  targetText,
  writableHeaders,
  writeTargetFile,
} from '../../probe/index.js'
import type { Profile } from '../../profile/index.js'
import { layoutWidth, wrap } from '../layout.js'
import type { ProbeArguments } from '../options/targets.js'
import { probeText } from '../probe-text.js'
import { lastOfEach, profileFrom } from '../settings.js'

export async function probeCommand(given: ProbeArguments): Promise<void> {
  const argv = lastOfEach(given)
  const { baseUrl, api: ofRoute } = baseUrlOf(argv.url)
  const api = argv.api ?? ofRoute
  const { target } = profileFrom(asProfile(argv, baseUrl, api))
  const [way] = waysTo([baseUrl], target)
  const result = await probe({
    ...{ baseUrl, api, model: argv.model, timeoutMs: timeoutMsOf(argv.timeout) },
    headersOf: (name) => resolveAccess({ ...target, api: name as Profile['target']['api'] }, process.env),
    connection: way?.connection ?? {},
    onPhase: showPhase,
  })
  const path = result.target && writeTarget(result, result.target, target, argv.out)
  process.stdout.write(
    argv.format === 'json'
      ? `${JSON.stringify({ ...result, targetFile: path ?? null }, null, 2)}\n`
      : `${probeText(result.url, result.groups, layoutWidth())}\n`,
  )
  process.stderr.write(closing(result, path, api))
  process.exitCode = path === undefined ? EXIT.internal : EXIT.done
}

/** The flags as a run would read them, so that they are checked, resolved and refused in the same way. */
const asProfile = (
  { model, header, keyEnv, set = [] }: ProbeArguments,
  target: string,
  api: string | undefined,
) => ({
  ...{ target, api, model, header, requests: 1 },
  set: [...set, ...(keyEnv === undefined ? [] : [`target.keyEnv=${keyEnv}`])],
})

function timeoutMsOf(text: string): number {
  const seconds = Number(text)
  if (seconds > 0 && Number.isFinite(seconds)) return seconds * 1000
  throw usageError('--timeout', `expected seconds above 0, such as 30; got ${text}`)
}

/** What was given goes into the file beside what was found. */
function writeTarget(
  { groups, requests }: ProbeResult,
  found: NonNullable<ProbeResult['target']>,
  given: Profile['target'],
  out: string | undefined,
): string {
  const { headers, leftOut } = writableHeaders(given.headers)
  const { keyEnv, http2, tls, socketPath, proxy, connection } = given
  const fields = {
    ...found,
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(keyEnv !== undefined && { keyEnv }),
    ...(tls && { tls }),
    ...(socketPath !== undefined && { socketPath }),
    ...(http2 && { http2 }),
    ...(proxy !== 'environment' && { proxy }),
    ...(connection !== 'keep-alive' && { connection }),
  }
  const path = out ?? targetPath(found.url)
  const probedAtUtc = `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`
  writeTargetFile(path, targetText(fields, { path, groups, probedAtUtc, requests, leftOut }))
  return path
}

const showPhase = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`${text} …\n`)
}

function closing(
  { requests, tookS, advice }: ProbeResult,
  path: string | undefined,
  api: string | undefined,
): string {
  const next =
    path === undefined
      ? [
          `${api ?? 'No API'} ${api === undefined ? 'answered' : 'did not answer'}: no target file is written.`,
        ]
      : [
          `target   ${path}`,
          `use it   falloff run --target ${targetName(path)} --concurrency 1 --requests 20`,
        ]
  const width = layoutWidth(process.stderr)
  const lines = [...next, ...advice.flatMap((sentence) => ['', ...wrap(sentence, width)])]
  return `\n${requests} requests in ${tookS.toFixed(1)} s\n${lines.join('\n')}\n`
}
