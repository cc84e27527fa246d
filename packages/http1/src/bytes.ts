// True latin1, one character for one octet. `TextDecoder('latin1')` is windows-1252 and would get 0x80-0x9F wrong.

interface Latin1Codec {
  /** The octets `start` to `end` (excluded) as text. */
  readonly decode: (bytes: Uint8Array, start: number, end: number) => string
  /** One octet per character; every character is below U+0100. The array is the caller's. */
  readonly encode: (text: string) => Uint8Array
}

/** The two methods of Node's `Buffer.prototype` that are used; they work on any `Uint8Array`. */
interface BufferMethods {
  latin1Slice(this: Uint8Array, start: number, end: number): string
  latin1Write(this: Uint8Array, text: string, offset: number): number
}

/** Arguments of one `String.fromCharCode` call: far below every engine's limit. */
const CHARACTERS_PER_CALL = 4096

/** Works in every runtime. */
export const portableLatin1: Latin1Codec = {
  decode(bytes, start, end) {
    let text = ''
    for (let at = start; at < end; at += CHARACTERS_PER_CALL) {
      const piece = bytes.subarray(at, Math.min(at + CHARACTERS_PER_CALL, end))
      // `apply` takes whatever has a length and indices; its type knows only arrays.
      text += String.fromCharCode.apply(null, piece as unknown as number[])
    }
    return text
  },
  encode(text) {
    const bytes = new Uint8Array(text.length)
    for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at)
    return bytes
  },
}

/** The same by the methods of a `Buffer`, or `undefined` where they are missing or do something else. */
export function bufferLatin1(buffer: { readonly prototype: unknown } | undefined): Latin1Codec | undefined {
  const { latin1Slice, latin1Write } = (buffer?.prototype ?? {}) as Partial<BufferMethods>
  if (typeof latin1Slice !== 'function' || typeof latin1Write !== 'function') return undefined
  const codec: Latin1Codec = {
    decode: (bytes, start, end) => latin1Slice.call(bytes, start, end),
    encode(text) {
      const bytes = new Uint8Array(text.length)
      latin1Write.call(bytes, text, 0)
      return bytes
    },
  }
  return isTrueLatin1(codec) ? codec : undefined
}

/** A `Buffer` made for browsers may refuse a plain `Uint8Array`, or write to a copy of it. */
function isTrueLatin1(codec: Latin1Codec): boolean {
  try {
    const bytes = codec.encode('a\x80\xff')
    return bytes[1] === 0x80 && bytes[2] === 0xff && codec.decode(bytes, 1, 3) === '\x80\xff'
  } catch {
    return false
  }
}

const { Buffer } = globalThis as { readonly Buffer?: { readonly prototype: unknown } }

const latin1 = bufferLatin1(Buffer) ?? portableLatin1

/** The octets `start` to `end` (excluded) as text, one character for one octet. */
export const latin1Text: (bytes: Uint8Array, start: number, end: number) => string = latin1.decode

/**
 * Text as octets, one for one character: what a writer without a latin1 way of its own sends.
 *
 * @param text Characters below U+0100, as every encoder of this package returns them.
 * @returns The octets, owned by the caller.
 */
export const latin1Bytes: (text: string) => Uint8Array = latin1.encode
