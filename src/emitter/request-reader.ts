export interface Request {
  readonly method: string
  /** Without its query. */
  readonly path: string
  /** x-request-id, or nothing. */
  readonly id: string
  /** Whether the client wants the connection closed afterwards. */
  readonly closes: boolean
  readonly body: string
  /** Of the body, in bytes. */
  readonly size: number
}

/** What arrived is no request that could be served. Nothing after it can be understood. */
export interface Refusal {
  readonly status: string
  readonly message: string
}

const LONGEST_HEAD = 64 * 1024
const LONGEST_BODY = 64 * 1024 * 1024

interface Head extends Pick<Request, 'method' | 'path' | 'id' | 'closes' | 'size'> {
  /** Where the body begins. */
  readonly end: number
}

/** Cuts the bytes of a connection into HTTP/1.1 requests with Content-Length bodies. */
export class RequestReader {
  #held = Buffer.alloc(0)
  #filled = 0
  #head: Head | undefined

  /** Copies them: the buffer may be used again after the call. */
  add(bytes: Buffer, from: number, to: number): void {
    const needed = this.#filled + to - from
    if (needed > this.#held.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#held.length, 1024))
      this.#held.copy(grown, 0, 0, this.#filled)
      this.#held = grown
    }
    bytes.copy(this.#held, this.#filled, from, to)
    this.#filled = needed
  }

  /** The next request, or undefined while it is not whole. */
  next(): Request | Refusal | undefined {
    const head = this.#head ?? this.#readHead()
    if (head === undefined || 'status' in head) return head
    this.#head = head
    const whole = head.end + head.size
    if (this.#filled < whole) return undefined
    const body = this.#held.toString('utf8', head.end, whole)
    this.#held.copy(this.#held, 0, whole, this.#filled)
    this.#filled -= whole
    this.#head = undefined
    return { ...head, body }
  }

  #readHead(): Head | Refusal | undefined {
    const end = this.#held.subarray(0, this.#filled).indexOf('\r\n\r\n')
    if (end > LONGEST_HEAD || (end < 0 && this.#filled > LONGEST_HEAD)) {
      return { status: '431 Request Header Fields Too Large', message: 'the head is longer than 64 KiB' }
    }
    return end < 0 ? undefined : parseHead(this.#held.toString('latin1', 0, end), end + 4)
  }
}

const REQUEST_LINE = /^([A-Z]+) ([^ ?]*)(?:\?[^ ]*)? HTTP\/1\.([01])$/
const FIELD = /^([^:\s]+):[ \t]*(.*?)[ \t]*$/

function parseHead(text: string, end: number): Head | Refusal {
  const [first = '', ...lines] = text.split('\r\n')
  const [, method = '', path = '', minor] = REQUEST_LINE.exec(first) ?? []
  if (minor === undefined) return { status: '400 Bad Request', message: 'this is no HTTP/1.1 request' }
  const fields = new Map<string, string>()
  for (const line of lines) {
    const [, name = '', value = ''] = FIELD.exec(line) ?? []
    fields.set(name.toLowerCase(), value)
  }
  if (fields.has('transfer-encoding')) {
    return { status: '411 Length Required', message: 'expected a body with content-length' }
  }
  const length = fields.get('content-length') ?? '0'
  const size = /^\d{1,15}$/.test(length) ? Number(length) : Number.NaN
  if (!(size >= 0)) return { status: '400 Bad Request', message: 'content-length is no number' }
  if (size > LONGEST_BODY)
    return { status: '413 Content Too Large', message: 'the body is longer than 64 MiB' }
  const connection = (fields.get('connection') ?? '').toLowerCase()
  const closes = minor === '0' ? connection !== 'keep-alive' : connection === 'close'
  return { method, path, id: fields.get('x-request-id') ?? '', closes, size, end }
}
