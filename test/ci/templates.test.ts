import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { freshFolder } from '../cli/command.js'

/** The action and the template are parsed, and their very shell steps are run here against the simulator. */

const ROOT = new URL('../../', import.meta.url).pathname
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

interface Step {
  readonly id?: string
  readonly name: string
  readonly shell?: string
  readonly run?: string
  readonly uses?: string
  readonly env?: Readonly<Record<string, string>>
}
interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default: string }>>
  readonly outputs: Readonly<Record<string, { readonly value: string }>>
  readonly runs: { readonly using: string; readonly steps: readonly Step[] }
}

const action = parse(read('action.yml')) as Action
const { steps } = action.runs

/** A quick engine and few requests; thresholds so wide that a busy test machine makes no run INVALID. */
const QUICK = `--concurrency=4
--requests=24
--input-tokens=40
--output-tokens=4
--set=validity.latenessInvalidMs=5000
--set=validity.loopDelayInvalidMs=5000
--set=validity.stampErrorInvalidShare=100
--set=validity.stampErrorMs=5000
`

/** The checkout as a CI sees it: built, with its packages. */
function checkout(): string {
  const folder = freshFolder()
  for (const name of ['dist', 'node_modules', 'package.json', 'profiles', 'schema']) {
    symlinkSync(join(ROOT, name), join(folder, name))
  }
  return folder
}

describe('The GitHub action', () => {
  test('is a composite one whose steps name their shell and take inputs as variables only', () => {
    expect(action.runs.using).toBe('composite')
    for (const step of steps) {
      if (step.run === undefined) expect(step.uses).toMatch(/^actions\/[\w-]+@v\d+$/)
      else expect(step).toMatchObject({ shell: 'bash', run: expect.not.stringContaining('${{') })
    }
  })

  test('uses every input, and no other', () => {
    const used = [...read('action.yml').matchAll(/\$\{\{ *inputs\.([\w-]+)/g)].map((match) => match[1])
    expect([...new Set(used)].toSorted()).toEqual(Object.keys(action.inputs).toSorted())
  })

  test('sets every output that it promises', () => {
    for (const { value } of Object.values(action.outputs)) {
      const [, id, key] = /^\$\{\{ steps\.(\w+)\.outputs\.([\w-]+) \}\}$/.exec(value) ?? []
      expect(steps.find((step) => step.id === id)?.run).toContain(`echo "${key}=`)
    }
  })

  /** What the runner does with `${{ inputs.x }}` and `${{ steps.x.outputs.y }}`, and nothing more. */
  function runSteps(inputs: Readonly<Record<string, string>>) {
    const cwd = freshFolder()
    const path = checkout()
    const outputs = new Map<string, string>()
    const summary = join(cwd, 'summary.md')
    let stdout = ''
    for (const step of steps) {
      if (step.run === undefined) continue
      const output = join(cwd, 'output.txt')
      writeFileSync(output, '')
      const env = Object.fromEntries(
        Object.entries(step.env ?? {}).map(([name, value]) => [
          name,
          value
            .replace(
              /\$\{\{ inputs\.([\w-]+) \}\}/g,
              (_, key: string) => inputs[key] ?? action.inputs[key]?.default ?? '',
            )
            .replace(/\$\{\{ (steps\.[\w.-]+) \}\}/g, (_, key: string) => outputs.get(key) ?? ''),
        ]),
      )
      const done = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run], {
        cwd,
        encoding: 'utf8',
        env: {
          ...process.env,
          ...env,
          GITHUB_ACTIONS: 'true',
          GITHUB_ACTION_PATH: path,
          GITHUB_OUTPUT: output,
          GITHUB_STEP_SUMMARY: summary,
          GITHUB_SHA: 'c0ffee0123456789',
        },
      })
      stdout += done.stdout
      for (const line of readFileSync(output, 'utf8').split('\n').filter(Boolean)) {
        const [key = '', value = ''] = line.split('=')
        outputs.set(`steps.${step.id}.outputs.${key}`, value)
      }
      if (done.status !== 0)
        return { cwd, summary, stdout, outputs, failed: step.name, code: done.status, why: done.stderr }
    }
    return { cwd, summary, stdout, outputs, failed: null, code: 0, why: '' }
  }

  const quick = { engine: 'fixed', arguments: QUICK, runs: '2' }

  test('measures, gates and keeps what it found', { timeout: 120_000 }, () => {
    const done = runSteps({
      ...quick,
      gates: 'ttft.p50 < 30 s\nerrorRate < 60 %\n',
      history: 'history.ndjson',
    })
    expect(done, done.why).toMatchObject({ failed: null, code: 0 })
    for (const { value } of Object.values(action.outputs)) {
      const found = done.outputs.get(value.slice('${{ '.length, -' }}'.length)) ?? 'none'
      if (!/^\d+$/.test(found)) expect(existsSync(join(done.cwd, found)), found).toBe(true)
    }
    expect(readFileSync(done.summary, 'utf8')).toContain('2 gates: 2 pass; strict, 2 results')
    const history = readFileSync(join(done.cwd, 'history.ndjson'), 'utf8').trim().split('\n')
    expect(history.map((line) => (JSON.parse(line) as { label: string }).label)).toEqual(
      Array(2).fill('c0ffee012345'),
    )
  })

  test('fails in its last step, when all is uploaded, with the code of the gate', {
    timeout: 120_000,
  }, () => {
    const done = runSteps({ ...quick, runs: '1', gates: 'ttft.p50 < 1 ms' })
    expect(done, done.why).toMatchObject({ failed: 'Conclude', code: 3 })
    expect(done.stdout).toContain('::error title=falloff%3A ttft.p50 < 1 ms::')
    expect(steps.at(-1)?.name).toBe('Conclude')
  })

  test('runs nothing that stands in an input', { timeout: 60_000 }, () => {
    const done = runSteps({ ...quick, runs: '1', gates: '$(touch owned) < 1 ms"; touch owned; "' })
    expect(done).toMatchObject({ failed: 'Conclude', code: 2 })
    expect(existsSync(join(done.cwd, 'owned'))).toBe(false)
  })
})

describe('The GitLab template', () => {
  interface Job {
    readonly variables: Readonly<Record<string, string>>
    readonly script: readonly string[]
    readonly before_script: readonly string[]
    readonly artifacts: { readonly when: string; readonly reports: { readonly junit: string } }
  }
  const job = (parse(read('ci/gitlab-falloff.yml')) as Record<string, Job>)['.falloff'] as Job

  function runJob(variables: Readonly<Record<string, string>>) {
    const cwd = freshFolder()
    const bin = join(cwd, 'bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'falloff'), `#!/bin/sh\nexec node ${join(ROOT, 'dist/cli/main.js')} "$@"\n`, {
      mode: 0o755,
    })
    // As the runner does: one shell for all lines, which ends at the first that fails.
    const done = spawnSync('sh', ['-e', '-c', [...job.before_script, ...job.script].join('\n')], {
      cwd,
      encoding: 'utf8',
      env: {
        ...process.env,
        PATH: `${bin}:${process.env.PATH}`,
        ...job.variables,
        ...variables,
        CI_COMMIT_SHA: 'c0ffee0123456789',
        GITHUB_ACTIONS: '',
        GITHUB_STEP_SUMMARY: '',
      },
    })
    return { cwd, ...done }
  }

  const quick = { FALLOFF_ENGINE: 'fixed', FALLOFF_ARGUMENTS: QUICK, FALLOFF_RUNS: '1' }

  test('measures and gates, and leaves the JUnit file that it names', { timeout: 60_000 }, () => {
    const done = runJob({ ...quick, FALLOFF_GATES: 'ttft.p50 < 30 s\nerrorRate < 60 %\n' })
    expect(done, done.stderr).toMatchObject({ status: 0 })
    expect(readFileSync(join(done.cwd, job.artifacts.reports.junit), 'utf8')).toContain(
      'tests="2" failures="0"',
    )
    expect(job.artifacts.when).toBe('always')
  })

  test('ends with the code of the gate', { timeout: 60_000 }, () => {
    const done = runJob({ ...quick, FALLOFF_GATES: 'ttft.p50 < 1 ms' })
    expect(done, done.stderr).toMatchObject({ status: 3 })
  })
})
