// Starts an engine as falloff does, says where it is, and waits to be killed.
import { launch } from '../../../dist/launch/index.js'

const engine = await launch(JSON.parse(process.argv[2]))
console.log(engine.url)
setInterval(() => {}, 1000)
