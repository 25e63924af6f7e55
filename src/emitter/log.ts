/** When one streamed request came and its events went, on the machine's monotonic clock (CLOCK_MONOTONIC), in ns. */
export interface LoggedStream {
  /** The request's x-request-id; empty when it had none. */
  readonly id: string
  readonly arrivalNs: number
  /** Who told the arrival: the kernel when the packet came in, or the event loop when it read it. */
  readonly stamped: 'kernel' | 'loop'
  /** Whether the stream was written to its end. Otherwise its client left. */
  readonly whole: boolean
  /** Writes that the client's full buffer held up. The text of such an event says when it was first tried. */
  readonly heldUp: number
  /** Places of events whose send took so long that the moment before it says little. */
  readonly slow: readonly number[]
  /** The moment before the send that completed each event, for events with output. */
  readonly writesNs: readonly number[]
  /** Output tokens of each. */
  readonly tokens: readonly number[]
}

type Identity = Pick<LoggedStream, 'id' | 'arrivalNs' | 'stamped'>

/** Takes the writes of one stream. */
export class LogEntry {
  readonly #identity: Identity
  readonly #tokensIn: (events: number) => number
  readonly #writesNs: Float64Array
  #written = 0
  #heldUp = 0
  readonly #slow: number[] = []

  /** @param tokensIn tokens in the first so many events */
  constructor(identity: Identity, events: number, tokensIn: (events: number) => number) {
    this.#identity = identity
    this.#tokensIn = tokensIn
    this.#writesNs = new Float64Array(events)
  }

  get written(): number {
    return this.#written
  }

  get unwritten(): number {
    return this.#writesNs.length - this.#written
  }

  add(atNs: number, events: number, slow: boolean): void {
    for (let i = 0; i < events; i++) {
      if (slow) this.#slow.push(this.#written)
      this.#writesNs[this.#written++] = atNs
    }
  }

  /** The last `events` of them were complete only now. */
  heldUpTo(atNs: number, events: number): void {
    this.#heldUp++
    this.#writesNs.fill(atNs, this.#written - events, this.#written)
  }

  line(whole: boolean): string {
    const writesNs = this.#writesNs.subarray(0, this.#written)
    const tokens = Array.from(writesNs, (_, i) => this.#tokensIn(i + 1) - this.#tokensIn(i))
    const stream: LoggedStream = {
      ...this.#identity,
      whole,
      heldUp: this.#heldUp,
      slow: this.#slow,
      writesNs: Array.from(writesNs),
      tokens,
    }
    return `${JSON.stringify(stream)}\n`
  }
}

export interface WriteLog {
  /** @returns undefined when there is no room for the stream's writes: it goes unlogged, and is counted */
  begin(identity: Identity, events: number, tokensIn: (events: number) => number): LogEntry | undefined
  end(entry: LogEntry, whole: boolean): void
  /** A line for each stream that has ended since the last call, then one that counts those without room. */
  drain(): Generator<string, void>
}

/** @param room for so many writes, of running streams and of ended ones that nobody has asked for yet */
export function createWriteLog(room: number): WriteLog {
  let left = room
  let unlogged = 0
  let ended: { readonly entry: LogEntry; readonly whole: boolean }[] = []
  return {
    begin(identity, events, tokensIn) {
      if (events > left) {
        unlogged++
        return undefined
      }
      left -= events
      return new LogEntry(identity, events, tokensIn)
    },
    end(entry, whole) {
      left += entry.unwritten
      ended.push({ entry, whole })
    },
    *drain() {
      const told = ended
      ended = []
      for (const { entry, whole } of told) {
        left += entry.written
        yield entry.line(whole)
      }
      yield `{"unlogged":${unlogged}}\n`
      unlogged = 0
    },
  }
}
