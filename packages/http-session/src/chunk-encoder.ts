/** Chunks of text and of bytes as bytes, text as UTF-8, wherever it was cut. */
import { isBytes, viewedBytes } from './body-kinds.ts'
import { UsageError } from './errors.ts'

const UTF8 = new TextEncoder()

export class ChunkEncoder {
  /** The first half of a character that was cut in two. */
  #half = ''

  /**
   * @returns Bytes of text are the caller's; bytes are given back as they are.
   * @throws {UsageError} INVALID_BODY: neither text nor a Uint8Array.
   */
  encode(chunk: unknown): Uint8Array {
    if (typeof chunk === 'string') return this.#encodeText(chunk)
    if (!isBytes(chunk)) throw notAChunk(chunk)
    const half = this.end()
    if (half === null) return viewedBytes(chunk)
    const bytes = new Uint8Array(half.length + chunk.length)
    bytes.set(half)
    bytes.set(chunk, half.length)
    return bytes
  }

  /** What is left behind the last chunk: half a character, as U+FFFD; `null`: nothing. */
  end(): Uint8Array | null {
    const half = this.#half
    this.#half = ''
    return half === '' ? null : UTF8.encode(half)
  }

  #encodeText(chunk: string): Uint8Array {
    const text = this.#half + chunk
    const last = text.charCodeAt(text.length - 1)
    const isCut = last >= 0xd800 && last <= 0xdbff
    this.#half = isCut ? text.slice(-1) : ''
    return UTF8.encode(isCut ? text.slice(0, -1) : text)
  }
}

function notAChunk(chunk: unknown): UsageError {
  return new UsageError(
    'ERR_HTTP_INVALID_BODY',
    `a body's source must give text or Uint8Arrays, got ${chunk === null ? 'null' : typeof chunk}`,
  )
}
