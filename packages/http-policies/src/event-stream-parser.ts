/** Server-sent events out of bytes: the rules of the HTML standard, section 9.2.6, in whatever pieces the bytes come. No I/O, no time. */
import { EventStreamError } from './errors.ts'

/** One event. */
export interface ServerSentEvent {
  /** `message` where the server has not said another. */
  readonly type: string
  /** The lines of its data, joined with LF. */
  readonly data: string
  /** The last id that the server has given, with this event or before; empty: none. */
  readonly lastEventId: string
}

export interface EventStreamLimits {
  /** Longest line, in bytes, its end not counted. */
  readonly maxLineBytes: number
  /** All lines of one event together, in bytes, their ends not counted. */
  readonly maxEventBytes: number
}

const LF = 0x0a
const CR = 0x0d

export class EventStreamParser {
  /** Milliseconds to wait before a reconnection; `null`: the server has not said. */
  retryMs: number | null = null
  /** Of the events that were given out, those without data included. */
  lastEventId: string
  readonly #limits: EventStreamLimits
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  /** The beginning of a line whose end has not come. */
  #begun = ''
  #begunByteCount = 0
  #isFirstLine = true
  /** The last byte was a CR: an LF behind it ends no other line. */
  #isBehindCr = false
  #type = ''
  #data: string[] = []
  /** Of the lines of the event that has begun. */
  #eventByteCount = 0
  #id: string
  readonly #url: string

  /**
   * @param lastEventId What a stream before this one has given.
   * @param url For errors.
   */
  constructor(limits: EventStreamLimits, lastEventId: string, url: string) {
    this.#limits = limits
    this.lastEventId = this.#id = lastEventId
    this.#url = url
  }

  /**
   * The events that end in these bytes, one by one. An event that the stream's end cuts off is none.
   *
   * @param chunk Not kept.
   * @throws {EventStreamError} LINE_TOO_LONG, EVENT_TOO_LARGE; the parser is of no use any more.
   */
  *push(chunk: Uint8Array): Generator<ServerSentEvent, void, undefined> {
    let start = 0
    if (this.#isBehindCr && chunk.length > 0) {
      if (chunk[0] === LF) start = 1
      this.#isBehindCr = false
    }
    for (let end = lineEnd(chunk, start); end < chunk.length; end = lineEnd(chunk, start)) {
      const event = this.#line(this.#whole(chunk.subarray(start, end)))
      start = end + 1
      if (chunk[end] === CR) {
        if (start === chunk.length) this.#isBehindCr = true
        else if (chunk[start] === LF) start += 1
      }
      if (event !== null) yield event
    }
    this.#keep(chunk.subarray(start))
  }

  #keep(piece: Uint8Array): void {
    if (piece.length === 0) return
    this.#checkLine(this.#begunByteCount + piece.length)
    this.#begun += this.#decoder.decode(piece, { stream: true })
    this.#begunByteCount += piece.length
  }

  /** The text of a line whose last piece is `piece`. */
  #whole(piece: Uint8Array): string {
    const byteCount = this.#begunByteCount + piece.length
    this.#checkLine(byteCount)
    this.#eventByteCount += byteCount
    let text = this.#begun + this.#decoder.decode(piece)
    this.#begun = ''
    this.#begunByteCount = 0
    if (this.#isFirstLine && text.startsWith('\ufeff')) text = text.slice(1)
    this.#isFirstLine = false
    return text
  }

  /** @param byteCount Of the line so far. */
  #checkLine(byteCount: number): void {
    const { maxLineBytes, maxEventBytes } = this.#limits
    if (byteCount > maxLineBytes)
      throw this.#tooLong('LINE_TOO_LONG', `a line of more than ${maxLineBytes} bytes`)
    if (this.#eventByteCount + byteCount > maxEventBytes)
      throw this.#tooLong('TOO_LARGE', `an event of more than ${maxEventBytes} bytes`)
  }

  #tooLong(code: 'LINE_TOO_LONG' | 'TOO_LARGE', why: string): EventStreamError {
    return new EventStreamError(`ERR_HTTP_EVENT_${code}`, { url: this.#url, why })
  }

  /** An event, where the line ends one. */
  #line(line: string): ServerSentEvent | null {
    if (line === '') return this.#dispatch()
    const colon = line.indexOf(':')
    if (colon === 0) return null // a comment
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    this.#field(name, value)
    return null
  }

  #field(name: string, value: string): void {
    if (name === 'data') {
      this.#data.push(value)
    } else if (name === 'event') {
      this.#type = value
    } else if (name === 'id') {
      if (!value.includes('\0')) this.#id = value
    } else if (name === 'retry' && /^[0-9]+$/.test(value)) {
      this.retryMs = Number(value)
    }
  }

  #dispatch(): ServerSentEvent | null {
    this.lastEventId = this.#id
    const { lastEventId } = this
    const type = this.#type === '' ? 'message' : this.#type
    const data = this.#data
    this.#type = ''
    this.#data = []
    this.#eventByteCount = 0
    return data.length === 0 ? null : { type, data: data.join('\n'), lastEventId }
  }
}

/** Index of the first CR or LF from `start` on; behind the last byte: there is none. */
function lineEnd(chunk: Uint8Array, start: number): number {
  for (let at = start; at < chunk.length; at++) if (chunk[at] === LF || chunk[at] === CR) return at
  return chunk.length
}
