import type { EngineIdentity } from '../engine-identity.js'
import { at, countAt, listAt, settingsIn, textAt } from '../json.js'
import { present } from '../series.js'

const ROOT = '/'
const VERSION = '/api/version'
const TAGS = '/api/tags'
const PS = '/api/ps'

export const ollamaIdentity: EngineIdentity = {
  engine: 'ollama',
  pages: [ROOT, VERSION, TAGS, PS],
  recognises: (pages) => (pages.text(ROOT) ?? '').trim() === 'Ollama is running',
  facts: (pages, model) => {
    const models = listAt(pages.json(TAGS), 'models')
    const names = models.flatMap((entry) => textAt(entry, 'name') ?? textAt(entry, 'model') ?? [])
    const wanted = model ?? names[0]
    const isWanted = (entry: unknown): boolean =>
      sameModel(textAt(entry, 'name') ?? textAt(entry, 'model'), wanted)
    const stored = models.find(isWanted)
    const loaded = listAt(pages.json(PS), 'models').find(isWanted)
    const config = {
      ...settingsIn(stored, ['size']),
      ...settingsIn(at(stored, 'details'), ['family', 'parameter_size', 'quantization_level']),
      ...settingsIn(loaded, ['size_vram', 'context_length']),
    }
    return present({
      version: textAt(pages.json(VERSION), 'version'),
      // Only of a loaded model; longer prompts are cut in silence.
      maxModelLen: countAt(loaded, 'context_length'),
      config: Object.keys(config).length === 0 ? undefined : config,
      models: names.length === 0 ? undefined : names,
    })
  },
}

/** A name without a tag means its `latest`. */
const sameModel = (name: string | undefined, wanted: string | undefined): boolean =>
  name !== undefined && wanted !== undefined && withTag(name) === withTag(wanted)

const withTag = (name: string): string =>
  name.slice(name.lastIndexOf('/') + 1).includes(':') ? name : `${name}:latest`
