import { EXIT, FalloffError, type Problem, UsageError, usageError } from '../../base/index.js'
import { type FloorOptions, measureFloor, prepareBudget, resolveAccess } from '../../experiment/index.js'
import { assertReachable, tryJson, withoutCredentials } from '../../observe/index.js'
import { loadProfile, type Profile } from '../../profile/index.js'
import { consentFrom } from '../consent.js'
import { commandLine } from '../finish.js'
import { floorText } from '../floor-text.js'
import { watchInterruption } from '../interruption.js'
import { layoutWidth } from '../layout.js'
import { numbersFrom } from '../numbers.js'
import type { FloorArguments } from '../options/targets.js'
import { createProgress } from '../progress.js'
import { lastOfEach } from '../settings.js'

export async function floorCommand(given: FloorArguments): Promise<void> {
  const argv = lastOfEach(given)
  const asked = askedFrom(argv)
  const profile = profileOf(argv, asked)
  const headers = resolveAccess(profile.target, process.env)
  const places = { target: argv.target, ...(argv.direct !== undefined && { direct: argv.direct }) }
  for (const url of Object.values(places)) await assertReachable(url.replace(/\/$/, ''), headers)
  const progress = createProgress()
  const interruption = watchInterruption()
  const question = argv.oneToken ? await oneToken(argv, profile, headers, asked, progress.close) : undefined
  const floor = await measureFloor({
    ...asked,
    places,
    headers,
    path: argv.path,
    ...question,
    command: commandLine(),
    onPhase: progress.lane(0).onPhase,
    interruption,
  })
  progress.close()
  process.stdout.write(
    argv.format === 'json' ? `${JSON.stringify(floor, null, 2)}\n` : `${floorText(floor, layoutWidth())}\n`,
  )
  const bad = floor.figures.some(({ non2xx, errors }) => non2xx + errors > 0)
  process.exitCode = interruption.soon.aborted ? EXIT.interrupted : bad ? EXIT.invalid : EXIT.done
  interruption.release()
}

type Asked = Pick<FloorOptions, 'connections' | 'seconds' | 'amount' | 'turns'>

/** @throws UsageError with every problem */
function askedFrom(argv: FloorArguments): Asked {
  const problems: Problem[] = []
  const numbers = numbersFrom(problems)
  const asked: Asked = {
    connections: numbers.list('--connections', argv.connections, 1, 1000),
    seconds: numbers.any('--seconds', argv.seconds, 1, 60),
    amount: numbers.whole('--amount', argv.amount, 1, 1_000_000),
    turns: numbers.whole('--turns', argv.turns, 1, 20),
  }
  for (const [flag, url] of [['--target', argv.target] as const, ['--direct', argv.direct] as const]) {
    if (url === undefined || /^https?:\/\/[^\s/@]+(\/[^\s?#]*)?$/.test(url)) continue
    problems.push({
      place: flag,
      message: 'expected http://host:port or https://host, without user and query',
    })
  }
  if (!argv.path.startsWith('/')) {
    problems.push({ place: '--path', message: `expected a path such as /health; got ${argv.path}` })
  }
  if (problems.length > 0) throw new UsageError(problems)
  return asked
}

/** Only where and with which headers is asked, and how much: what the budget is reckoned from. */
function profileOf({ target, header = [] }: FloorArguments, { amount, connections }: Asked): Profile {
  const headers = header.map((text) => {
    const at = text.indexOf(':')
    if (at < 1) throw usageError('--header', "expected 'name: value'")
    return [text.slice(0, at).trim(), text.slice(at + 1).trim()] as const
  })
  const values = {
    'target.url': target,
    'target.headers': Object.fromEntries(headers),
    'workload.inputTokens': PROMPT_TOKENS,
    'workload.outputTokens': 1,
    'limits.requests': amount * connections.length,
  }
  return loadProfile(
    undefined,
    Object.entries(values).map(([path, value]) => ({ path, value, flag: path })),
  )
}

const PROMPT_TOKENS = 10

/** Asks first where it costs money. */
async function oneToken(
  { target, model: named, ...argv }: FloorArguments,
  profile: Profile,
  headers: Readonly<Record<string, string>>,
  { turns }: Asked,
  clear: () => void,
): Promise<Pick<FloorOptions, 'path' | 'body'>> {
  const baseUrl = target.replace(/\/$/, '')
  const list = (await tryJson(`${baseUrl}/v1/models`, { headers })) as
    | { data?: { id?: string }[] }
    | undefined
  const model = named ?? list?.data?.[0]?.id
  if (model === undefined) {
    throw new FalloffError('NO_MODEL', `${withoutCredentials(target)} lists no models`, {
      hint: 'Name one with --model.',
    })
  }
  const facts = { url: withoutCredentials(target), api: 'openai-chat', model }
  await prepareBudget(
    profile,
    { baseUrl, facts },
    turns * (argv.direct === undefined ? 1 : 2),
    consentFrom(argv, clear),
  )
  const messages = [{ role: 'user', content: 'Say a word.' }]
  return { path: '/v1/chat/completions', body: JSON.stringify({ model, messages, max_tokens: 1 }) }
}
