// Reads the types too. Without it dependency-cruiser falls back in silence and finds nothing to complain of: fail instead.
import '@swc/core'

/**
 * The rooms of src/ and their one-way imports. A room may import the rooms of lower rank only; rooms of one rank never
 * import each other. `simulate` stands apart on `base`, so that a bug in one cannot cancel itself in the other;
 * so does `emitter` on `base` and `kernel`, against which the instrument measures its own error.
 */
const RANKS = [
  ['base'],
  ['kernel'],
  ['histogram', 'emitter'],
  ['transport', 'protocol', 'profile'],
  ['schedule', 'workload', 'record'],
  ['quality', 'machine'],
  ['drive', 'observe', 'launch'],
  ['analyse', 'probe'],
  ['decide', 'exchange'],
  ['report', 'cluster'],
  ['experiment'],
]

const roomPath = (rooms) => `^src/(${rooms.join('|')})/`

const rules = RANKS.flatMap((rooms, rank) =>
  rooms.map((room) => {
    const allowed = [room, ...RANKS.slice(0, rank).flat()]
    return {
      name: `${room}-imports-downwards`,
      comment: `${room} may import ${allowed.join(', ')}`,
      severity: 'error',
      from: { path: roomPath([room]) },
      to: { path: '^src/', pathNot: roomPath(allowed) },
    }
  }),
)

export default {
  forbidden: [
    ...rules,
    {
      name: 'simulate-stands-apart',
      severity: 'error',
      from: { path: '^src/simulate/' },
      to: { path: '^src/', pathNot: roomPath(['base', 'simulate']) },
    },
    {
      name: 'few-know-the-kernel',
      comment:
        'What is bound to Linux stays where bytes are sent and received, where sends wait for their moment, where that is tried, and where engines are ended.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: roomPath(['kernel', 'transport', 'emitter', 'drive', 'machine', 'launch']),
      },
      to: { path: '^src/kernel/' },
    },
    {
      name: 'only-the-command-line-knows-the-simulator',
      severity: 'error',
      from: { path: '^src/', pathNot: roomPath(['simulate', 'cli']) },
      to: { path: '^src/simulate/' },
    },
    {
      name: 'only-experiments-start-the-emitter',
      comment: 'It tells the true times against which the rest is held: nothing measured may come from it.',
      severity: 'error',
      from: { path: '^src/', pathNot: roomPath(['emitter', 'experiment']) },
      to: { path: '^src/emitter/' },
    },
    {
      name: 'rooms-are-entered-by-their-index',
      comment:
        'Another room is imported through its index. (base/errors is loaded by the command line before anything else.)',
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: {
        path: '^src/([^/]+)/',
        pathNot: ['^src/$1/', '^src/[^/]+/index\\.ts$', '^src/base/errors\\.ts$'],
      },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: 'src/(drive/worker|emitter/main|experiment/floor/main|launch/guard/main)\\.ts$',
      },
      to: {},
    },
    {
      name: 'declared-dependencies',
      severity: 'error',
      from: { path: '^src' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    parser: 'swc',
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
}
