/**
 * What was written since the last hand-over, in as few pieces as possible.
 *
 * Small pieces are copied one behind the other into a slab that all writers share, and neighbours leave as one piece; large
 * ones stay apart. Text that comes alone stays text: the platform writes it without a copy of ours.
 */
const SLAB_BYTE_COUNT = 16_384
/** Pieces below this are copied together, those above leave as they are. */
const SMALL_BYTE_COUNT = 512
/** Joined pieces are not made longer than this. */
const MAX_JOINED_BYTE_COUNT = 4096

/**
 * Shared, since a writer at rest should hold no memory. What stands before `slabUsed` belongs to pieces and is never written
 * again; the piece at its end, from `openStart` on, still grows until it is put into `openFor`, the list of its writer.
 */
let slab = new Uint8Array(0)
let slabUsed = 0
let openStart = 0
let openFor: Uint8Array[] | null = null

export const utf8: TextEncoder = new TextEncoder()

export class PendingWrites {
  byteCount: number = 0
  /** Latin1 text, while nothing else is pending; otherwise empty. */
  #text = ''
  #pieces: Uint8Array[] = []

  /** @param data One byte or more; text has one octet per character. */
  add(data: Uint8Array | string, ownership: 'owned' | 'borrowed'): void {
    const before = this.byteCount
    const text = this.#text
    this.byteCount += data.length
    const isNext = before === text.length && this.byteCount <= MAX_JOINED_BYTE_COUNT
    if (typeof data === 'string' && (before === 0 || isNext)) {
      this.#text += data
      return
    }
    this.#text = ''
    if (text) this.#place(text, 'owned')
    this.#place(data, ownership)
  }

  /** Everything, in order; empty afterwards. Text only where it is alone. */
  take(): (Uint8Array | string)[] {
    closePiece()
    const pieces = this.#text ? [this.#text] : this.#pieces
    this.#text = ''
    this.#pieces = []
    this.byteCount = 0
    return pieces
  }

  #place(data: Uint8Array | string, ownership: 'owned' | 'borrowed'): void {
    const chunk = typeof data === 'string' ? latin1Bytes(data) : data
    const { length } = chunk
    if (length >= SMALL_BYTE_COUNT) {
      closePiece()
      this.#pieces.push(ownership === 'owned' ? chunk : new Uint8Array(chunk))
      return
    }
    const isFull = slabUsed + length > slab.length
    if (isFull || openFor !== this.#pieces || slabUsed + length - openStart > MAX_JOINED_BYTE_COUNT) {
      closePiece()
      if (isFull) {
        slab = new Uint8Array(SLAB_BYTE_COUNT)
        slabUsed = 0
      }
      openStart = slabUsed
      openFor = this.#pieces
    }
    slab.set(chunk, slabUsed)
    slabUsed += length
  }
}

/** Whoever it belongs to: closed early it is only a little shorter. */
function closePiece(): void {
  openFor?.push(slab.subarray(openStart, slabUsed))
  openFor = null
}

/** One octet per character; all are below U+0100. */
export function latin1Bytes(text: string): Uint8Array {
  // What is ASCII, as most text is, has the same bytes in both, and the platform is three times as fast.
  const ascii = utf8.encode(text)
  if (ascii.length === text.length) return ascii
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at)
  return bytes
}
