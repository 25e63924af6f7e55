import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cacheFolder, freePort, type ServerProcess, startServer } from './server-process.js'

/** Where `.ci/setup-litellm.sh` put it. */
const bin = join(cacheFolder, 'litellm', '.venv', 'bin')

export interface LitellmChoice {
  /** Model names that the gateway serves, and where the requests for each go: base URLs of OpenAI-compatible servers. */
  readonly routes: Readonly<Record<string, { readonly url: string; readonly model: string }>>
  readonly masterKey: string
  readonly deadlineMs?: number
}

/** Starts LiteLLM's proxy on loopback, without a database, without retries: what comes from behind is passed on. */
export async function startLitellm({
  routes,
  masterKey,
  deadlineMs = 180_000,
}: LitellmChoice): Promise<ServerProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'falloff-litellm-'))
  const config = join(folder, 'config.yaml')
  writeFileSync(config, configText(routes))
  const port = await freePort()
  return startServer({
    name: 'litellm',
    port,
    words: [join(bin, 'litellm'), '--config', config, '--host', '127.0.0.1', '--port', String(port)],
    env: {
      PATH: `${bin}:${process.env.PATH ?? ''}`,
      HOME: folder,
      LITELLM_MASTER_KEY: masterKey,
      // Nothing here may reach a network or report its use.
      LITELLM_LOCAL_MODEL_COST_MAP: 'True',
      DISABLE_ADMIN_UI: 'True',
      DO_NOT_TRACK: '1',
    },
    readyPath: '/health/liveliness',
    deadlineMs,
    python: join(bin, 'python'),
  })
}

/** JSON is YAML. `hosted_vllm` passes on what OpenAI's own API does not know, such as `ignore_eos`. */
const configText = (routes: LitellmChoice['routes']): string =>
  JSON.stringify({
    model_list: Object.entries(routes).map(([name, { url, model }]) => ({
      model_name: name,
      litellm_params: {
        model: `hosted_vllm/${model}`,
        api_base: `${url}/v1`,
        api_key: 'none',
        max_retries: 0,
      },
    })),
    litellm_settings: { num_retries: 0, telemetry: false },
    router_settings: { num_retries: 0, disable_cooldowns: true },
    general_settings: { master_key: 'os.environ/LITELLM_MASTER_KEY' },
  })
