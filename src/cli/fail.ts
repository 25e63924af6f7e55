import { EXIT, FalloffError, redact, UsageError } from '../base/index.js'

/** Ends the command with one clear message on stderr and the exit code that fits. */
export function fail(thrown: unknown, usage = false): never {
  process.stderr.write(`${redact(describe(thrown))}\n`)
  process.exit(usage ? EXIT.usage : exitCodeFor(thrown))
}

function exitCodeFor(thrown: unknown): number {
  if (thrown instanceof UsageError) return EXIT.usage
  return thrown instanceof FalloffError && thrown.code === 'INTERRUPTED' ? EXIT.interrupted : EXIT.internal
}

function describe(thrown: unknown): string {
  if (thrown instanceof UsageError) {
    const { problems } = thrown
    const head = problems.length === 1 ? 'One problem:' : `${problems.length} problems:`
    return [head, ...problems.map((p) => `  ${p.place}: ${p.message}`)].join('\n')
  }
  if (thrown instanceof FalloffError) {
    return [
      `Error: ${thrown.message}`,
      ...(thrown.hint ? thrown.hint.split('\n').map((line) => `  ${line}`) : []),
    ].join('\n')
  }
  return thrown instanceof Error
    ? `Error: ${process.env.FALLOFF_DEBUG ? thrown.stack : thrown.message}`
    : String(thrown)
}
