/** A body may name models without end. */
const MAX_NAMES = 8

/** Tells each name under which a model answers once. */
export class ServedModel {
  readonly #onModel: (name: string) => void
  readonly #names = new Set<string>()

  constructor(onModel: (name: string) => void) {
    this.#onModel = onModel
  }

  /** @param name as an event tells it; empty where it does not */
  hear(name: string): void {
    if (name === '' || this.#names.size >= MAX_NAMES || this.#names.has(name)) return
    this.#names.add(name)
    this.#onModel(name)
  }
}
