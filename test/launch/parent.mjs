/** Stands for falloff: starts the engine of argv[2] and then waits to be ended, with nothing that cleans up after it. */
import { launch } from '../../dist/launch/index.js'

const engine = await launch(JSON.parse(process.argv[2] ?? '{}'))
process.stdout.write(`${engine.url}\n`)
setInterval(() => undefined, 1_000)
