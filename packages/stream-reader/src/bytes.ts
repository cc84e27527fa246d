/** Makes text of bytes [start, end). */
export type DecodeText = (bytes: Uint8Array, start: number, end: number) => string

/** How bytes become text. */
export interface TextDecoders {
  /** Malformed sequences become U+FFFD; a byte order mark is kept. */
  readonly 'utf-8': DecodeText
  /** One character per octet (true latin1, not windows-1252). */
  readonly latin1: DecodeText
}

type SliceText = (this: Uint8Array, start: number, end: number) => string

interface NodeBuffer {
  readonly prototype: { readonly latin1Slice?: SliceText; readonly utf8Slice?: SliceText }
}

// The methods of Node's Buffer where they are there, else what every platform has.
const { latin1Slice, utf8Slice } = (globalThis as { Buffer?: NodeBuffer }).Buffer?.prototype ?? {}
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })
const utf16 = new TextDecoder('utf-16')

export const textDecoders: TextDecoders = {
  'utf-8': (bytes, start, end) =>
    utf8Slice?.call(bytes, start, end) ?? utf8.decode(bytes.subarray(start, end)),
  // Octets are the first 256 code units.
  latin1: (bytes, start, end) =>
    latin1Slice?.call(bytes, start, end) ?? utf16.decode(new Uint16Array(bytes.subarray(start, end))),
}

/** @throws {RangeError} An unknown `encoding`. */
export function textDecoder(encoding: string = 'utf-8'): DecodeText {
  if (!Object.hasOwn(textDecoders, encoding)) throw new RangeError(`unknown encoding ${encoding}`)
  return textDecoders[encoding as keyof TextDecoders]
}

/** Index of the first `needle` (not empty) that lies wholly in [from, end), or -1. */
export function indexOf(bytes: Uint8Array, needle: Uint8Array, from: number, end: number): number {
  // Where the needle may begin; a negative end would count from the back.
  const stop = Math.max(0, end + 1 - needle.length)
  let at = from
  while (
    (at = indexOfByte(bytes, needle[0]!, at, stop)) >= 0 &&
    needle.some((byte, index) => bytes[at + index] !== byte)
  )
    at++
  return at
}

/** Index of the first `byte` in [from, end), or -1. */
export function indexOfByte(bytes: Uint8Array, byte: number, from: number, end: number): number {
  // A search cannot be told where to stop: a view bounds it.
  return bytes.subarray(0, end).indexOf(byte, from)
}
