import type { Problem } from '../base/index.js'
import type { Profile } from './schema.js'

type Engine = NonNullable<Profile['engine']>
type Place = (path: readonly PropertyKey[]) => string

/** What the shape alone cannot say of an engine: what its kind needs, and what it has no use for. */
export function* senseOfEngine({ engine }: Profile, place: Place): Generator<Problem> {
  if (engine === undefined) return
  const at = (name: keyof Engine): string => place(['engine', name])
  yield* missing(engine, at)
  yield* useless(engine, at)
  if (engine.kind === 'simulator' && engine.place.kind !== 'local') {
    yield { place: at('place'), message: 'the simulator runs on this machine alone; leave it out' }
  }
  const own = [...engine.args, ...engine.command].find((word) => /^--(?:port|host)(?:=|$)/.test(word))
  if (own !== undefined && engine.kind !== 'command') {
    yield {
      place: at('args'),
      message: `falloff says where it listens; leave ${own} out (engine.port chooses a port)`,
    }
  }
}

function* missing(engine: Engine, at: (name: keyof Engine) => string): Generator<Problem> {
  const { kind, description, model, command, port } = engine
  if (kind === 'simulator' && description === undefined) {
    yield {
      place: at('description'),
      message: 'the simulator needs one: a name under profiles/engines, or a path',
    }
  }
  if (kind === 'command' && command.length === 0) {
    yield {
      place: at('command'),
      message: 'a command needs its words, such as [my-server, --port, "{port}"]',
    }
  } else if (kind === 'command' && port === undefined && !command.some((word) => word.includes('{port}'))) {
    yield {
      place: at('command'),
      message:
        'no word of it has {port} in it, and engine.port is not given; falloff must know where it listens',
    }
  }
  if (kind !== 'simulator' && kind !== 'command' && model === undefined) {
    yield { place: at('model'), message: `${kind} needs one: what is it to serve? (--model)` }
  }
}

/** Names that are given though this kind of engine has no use for them: somebody thinks of another. */
function* useless(engine: Engine, at: (name: keyof Engine) => string): Generator<Problem> {
  const { kind, description, model, args, command, readyPath } = engine
  if (kind !== 'simulator' && description !== undefined) {
    yield { place: at('description'), message: `only the simulator has one; ${kind} serves engine.model` }
  }
  if (kind !== 'command' && readyPath !== undefined) {
    yield { place: at('readyPath'), message: `known of ${kind}; leave it out` }
  }
  if (kind !== 'simulator') return
  for (const [name, given] of [
    ['model', model !== undefined],
    ['args', args.length > 0],
    ['command', command.length > 0],
  ] as const) {
    if (given)
      yield { place: at(name), message: 'the simulator has no use for it; is another engine.kind meant?' }
  }
}
