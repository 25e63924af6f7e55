import { sToNs } from '../base/index.js'

/** The model, which is loaded when it is first asked for. */
export interface Loader {
  readonly isLoaded: boolean
  /** What is left of the loading at a moment, in ns; the first call begins it. */
  waitNs(nowNs: number): number
}

/** @param coldStartS how long loading takes; 0 for a model that is there from the start */
export function createLoader(coldStartS: number): Loader {
  let readyNs: number | undefined = coldStartS > 0 ? undefined : 0
  return {
    get isLoaded() {
      return readyNs !== undefined
    },
    waitNs: (nowNs) => {
      readyNs ??= nowNs + sToNs(coldStartS)
      return Math.max(0, readyNs - nowNs)
    },
  }
}
