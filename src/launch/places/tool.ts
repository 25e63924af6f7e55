import { execFile } from 'node:child_process'

const TOOL_MS = 20_000
const OUTPUT_BYTES = 16 << 20

/** What a program answered that is asked beside the engine. */
export type ToolAnswer =
  | { readonly kind: 'done'; readonly stdout: string }
  /** `said`: its last words, in one line. */
  | { readonly kind: 'failed'; readonly code: number | undefined; readonly said: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'silent'; readonly afterS: number }

/** Runs the program and waits for its end; never fails. */
export function askTool(program: string, args: readonly string[]): Promise<ToolAnswer> {
  return new Promise((resolve) => {
    const options = { timeout: TOOL_MS, maxBuffer: OUTPUT_BYTES, killSignal: 'SIGKILL' } as const
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve({ kind: 'done', stdout })
      else if (error.code === 'ENOENT' || error.code === 'EACCES') resolve({ kind: 'missing' })
      else if (error.killed === true) resolve({ kind: 'silent', afterS: TOOL_MS / 1_000 })
      else
        resolve({
          kind: 'failed',
          code: codeOf(error.code),
          said: lastLine(stderr) ?? lastLine(stdout) ?? '',
        })
    })
    child.stdin?.end()
  })
}

const codeOf = (code: unknown): number | undefined => (typeof code === 'number' ? code : undefined)

const lastLine = (text: string): string | undefined => text.trim().split('\n').at(-1)?.trim() || undefined
