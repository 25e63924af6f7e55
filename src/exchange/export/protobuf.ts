/** The wire types that the messages written here need. */
const VARINT = 0
const FIXED64 = 1
const BYTES = 2

/**
 * Writes protocol buffers: a message is its fields, one after the other. Default values are written as well, which every
 * reader takes.
 */
export class ProtoWriter {
  readonly #bytes: number[] = []

  text(field: number, value: string): this {
    return this.bytes(field, Buffer.from(value, 'utf8'))
  }

  double(field: number, value: number): this {
    const cell = Buffer.alloc(8)
    cell.writeDoubleLE(value)
    return this.#tag(field, FIXED64).#append(cell)
  }

  fixed64(field: number, value: bigint): this {
    return this.#tag(field, FIXED64).#append(fixed64Of(value))
  }

  /** @param value not negative, below 2^53 */
  varint(field: number, value: number): this {
    return this.#tag(field, VARINT).#varint(value)
  }

  packedFixed64(field: number, values: readonly bigint[]): this {
    return this.bytes(field, Buffer.concat(values.map(fixed64Of)))
  }

  packedDouble(field: number, values: readonly number[]): this {
    const cells = Buffer.alloc(values.length * 8)
    for (const [i, value] of values.entries()) cells.writeDoubleLE(value, i * 8)
    return this.bytes(field, cells)
  }

  message(field: number, write: (inner: ProtoWriter) => unknown): this {
    const inner = new ProtoWriter()
    write(inner)
    return this.bytes(field, inner.finish())
  }

  bytes(field: number, value: Uint8Array): this {
    return this.#tag(field, BYTES).#varint(value.length).#append(value)
  }

  finish(): Uint8Array {
    return Uint8Array.from(this.#bytes)
  }

  #tag(field: number, wire: number): this {
    return this.#varint(field * 8 + wire)
  }

  #varint(value: number): this {
    let rest = value
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#bytes.push((rest % 128) + 128)
    this.#bytes.push(rest)
    return this
  }

  #append(bytes: Uint8Array): this {
    for (const byte of bytes) this.#bytes.push(byte)
    return this
  }
}

function fixed64Of(value: bigint): Buffer {
  const cell = Buffer.alloc(8)
  cell.writeBigUInt64LE(value)
  return cell
}
