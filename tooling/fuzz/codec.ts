/** What the codec makes of a message that arrives in pieces. Every call sees another array; the one before is overwritten. */
import { createBodyDecoder, isHttp1Error, persistence, RequestHeadDecoder, requestFraming } from '@x/http1'
import { ResponseHeadDecoder, responseFraming, takeBody } from '@x/http1'
import type { BodyDecoder, ByteWindow, MessageFraming } from '@x/http1'

/** Low, so that mutations reach them. */
const LIMITS = {
  maxHeadBytes: 700,
  maxFieldCount: 24,
  maxLineBytes: 400,
  maxTrailerBytes: 60,
  maxTrailerCount: 3,
  maxChunkLineBytes: 40,
  maxChunkExtensionBytes: 60,
  maxInterimResponses: 3,
}

/** How a message comes and how it is taken. */
export interface Arrival {
  /** Lengths of the pieces; what is left comes as one. */
  readonly pieces: readonly number[]
  /** Most content to take at once; `all there`: by `takeBody`. */
  readonly take: number | 'all there'
}

/** What came of it, as text that can be compared. */
export function responseOutcome(method: string, wire: string, arrival: Arrival): string {
  return outcome(wire, arrival, (feed) => {
    const decoder = new ResponseHeadDecoder(LIMITS)
    const heads: unknown[] = []
    for (;;) {
      const head = feed.until(decoder.decode)
      const { fields, ...line } = head
      heads.push({ ...line, fields: fields.raw() })
      feed.found('heads', heads)
      const framing = responseFraming({ requestMethod: method, head, requestUpgrade: 'echo' })
      if (head.status >= 200 || head.status === 101) {
        feed.found('persistence', persistence(head, framing))
        return takeContent(feed, framing, arrival.take)
      }
    }
  })
}

/** The same for a request. */
export function requestOutcome(wire: string, arrival: Arrival): string {
  return outcome(wire, arrival, (feed) => {
    const { fields, ...line } = feed.until(new RequestHeadDecoder(LIMITS).decode)
    feed.found('head', { ...line, fields: fields.raw() })
    takeContent(feed, requestFraming({ minorVersion: line.minorVersion, fields }), arrival.take)
  })
}

function takeContent(feed: Feed, framing: MessageFraming, take: Arrival['take']): void {
  feed.found('framing', framing)
  const body = createBodyDecoder(framing, { ...new ResponseHeadDecoder(LIMITS).limits })
  let content = ''
  const step = take === 'all there' ? pieceByTakeBody(body) : pieceByNext(body, take)
  for (;;) {
    const piece = feed.until(step)
    if (piece === null) break
    if (piece === '') throw new Error('a piece of content without an octet')
    content += piece
    feed.found('content', content)
  }
  feed.found('trailers', body.trailers.raw())
  feed.found('received', body.receivedByteCount)
}

function pieceByNext(body: BodyDecoder, maxByteCount: number) {
  return (window: ByteWindow): string | null | undefined => {
    const { bytes } = window
    const step = body.next(window, maxByteCount)
    if (step !== 'data') return step === 'end' ? null : undefined
    return latin1(bytes.subarray(body.dataStart, body.dataEnd))
  }
}

function pieceByTakeBody(body: BodyDecoder) {
  return (window: ByteWindow): string | null | undefined => {
    const { content, complete } = takeBody(body, window)
    if (content.length > 0) return latin1(content)
    return complete ? null : undefined
  }
}

function outcome(wire: string, { pieces }: Arrival, run: (feed: Feed) => void): string {
  const feed = new Feed(Buffer.from(wire, 'latin1'), pieces)
  let error: unknown = null
  try {
    run(feed)
  } catch (caught) {
    if (!isHttp1Error(caught)) throw caught
    error = caught.toJSON()
  }
  // Behind an error it does not matter how much was looked at; behind a message every octet is the next one's.
  return JSON.stringify({ ...feed.facts, error, rest: error === null ? feed.rest() : '' })
}

/** A window that grows piece by piece. */
class Feed implements ByteWindow {
  bytes: Uint8Array = new Uint8Array(0)
  start = 0
  end = 0
  ended = false
  readonly facts: Record<string, unknown> = {}
  readonly #wire: Uint8Array
  readonly #pieces: number[]
  #at = 0

  constructor(wire: Uint8Array, pieces: readonly number[]) {
    this.#wire = wire
    this.#pieces = [...pieces]
  }

  found(name: string, what: unknown): void {
    this.facts[name] = what
  }

  skip(byteCount: number): void {
    if (!(byteCount >= 0 && byteCount <= this.end - this.start))
      throw new RangeError(`skips ${byteCount} bytes`)
    this.start += byteCount
  }

  /** Asks again and again, with one more piece each time. */
  until<T>(decode: (window: ByteWindow) => T | undefined): T {
    for (;;) {
      const { start } = this
      const value = decode(this)
      if (value !== undefined) return value
      if (this.start !== start) throw new Error('bytes were consumed for nothing')
      if (this.ended) throw new Error('no answer although the stream has ended')
      this.#more()
    }
  }

  rest(): string {
    return latin1(this.bytes.subarray(this.start, this.end)) + latin1(this.#wire.subarray(this.#at))
  }

  #more(): void {
    if (this.#at === this.#wire.length) {
      this.ended = true
      return
    }
    const piece = this.#wire.subarray(this.#at, this.#at + (this.#pieces.shift() ?? Infinity))
    const old = this.bytes.subarray(this.start, this.end)
    const start = piece.length % 5
    const bytes = new Uint8Array(start + old.length + piece.length + 3).fill(0x0a)
    bytes.set(old, start)
    bytes.set(piece, start + old.length)
    this.bytes.fill(0xee)
    this.#at += piece.length
    this.bytes = bytes
    this.start = start
    this.end = start + old.length + piece.length
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}
