import { type Answer, type Outlet, sendWhole } from './outlet.js'

/** A line now and then: a long log must not delay the streams beside it. */
const PAUSE_NS = 100_000

/** Lines in an HTTP chunk each. */
export class LogAnswer implements Answer {
  dueNs: number
  readonly #lines: Iterator<string>
  readonly #nowNs: () => number

  constructor(lines: Iterator<string>, nowNs: () => number) {
    this.#lines = lines
    this.#nowNs = nowNs
    this.dueNs = nowNs()
  }

  advance(outlet: Outlet): boolean {
    const line = this.#lines.next()
    const chunk = line.done
      ? '0\r\n\r\n'
      : `${Buffer.byteLength(line.value).toString(16)}\r\n${line.value}\r\n`
    sendWhole(outlet, Buffer.from(chunk))
    this.dueNs = this.#nowNs() + PAUSE_NS
    return !line.done
  }

  heldUpTo(): void {}

  end(): void {}
}
