/** What a mock answers, and how that looks on the wire. */
import { CHUNK_END, encodeChunkHeader, encodeLastChunk, encodeResponseHead, FieldSection } from '@x/http1'
import type { FieldsInit } from '@x/http1'
import type { BodyChunks } from './body-kinds.ts'
import { UsageError } from './errors.ts'
import { checkCount, refuseUnknown } from './options.ts'

/** What goes with a status. */
export interface MockReplyInit {
  /** Default: empty. */
  reasonPhrase?: string
  /**
   * `Content-Type` of `json` is added. With a `Content-Length` or `Transfer-Encoding` of yours the body goes out as it is, unframed: for answers that
   * are wrong. With `Connection: close` the connection ends behind the answer.
   */
  headers?: FieldsInit
  /**
   * Text goes as UTF-8. What is iterated goes in chunks, one for each piece, as soon as the piece is there; a generator or a stream
   * can be given once. Default: none.
   */
  body?: string | Uint8Array | BodyChunks
  /** In place of `body`. */
  json?: unknown
  /** Fields behind a body that is iterated. */
  trailers?: FieldsInit
  /** Milliseconds on the mock's clock before the answer begins. Default 0. */
  delayMs?: number
  /** Ends the connection inside the body, in order or by a reset, once `afterBytes` of it were sent. */
  cut?: { readonly afterBytes: number; readonly by: 'close' | 'reset' }
}

/** A whole answer. */
export interface MockReply extends MockReplyInit {
  /** 200 to 999. */
  status: number
}

/** What becomes of the connection behind octets of yours. */
export type MockEnding = 'keep' | 'close' | 'reset'

/** Octets that are sent as they are, whatever they mean. */
export interface MockBytes {
  /** A whole response, or what is taken for one. */
  readonly bytes: Uint8Array
  /** What becomes of the connection behind them. */
  readonly ending: MockEnding
}

/** An answer in parts. */
export interface EncodedReply {
  /** One octet a character. */
  readonly head: string
  readonly body: Uint8Array | BodyChunks
  readonly framing: 'none' | 'as it is' | 'chunked'
  /** What follows the last piece of a chunked body. */
  readonly lastChunk: string
  readonly closes: boolean
}

const KNOWN: ReadonlySet<string> = new Set<keyof MockReply>([
  'status',
  'reasonPhrase',
  'headers',
  'body',
  'json',
  'trailers',
  'delayMs',
  'cut',
])
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304])

/** @throws {UsageError} INVALID_OPTION, naming the option. */
export function checkReply(reply: MockReply): MockReply {
  refuseUnknown('a reply', reply, KNOWN)
  const { status, body, json, trailers, delayMs, cut } = reply
  if (!Number.isInteger(status) || status < 200 || status > 999)
    throw invalid('status', `must be an integer of 200 to 999, got ${status}`)
  if (body !== undefined && json !== undefined) throw invalid('json', 'has no meaning with body')
  if (BODILESS.has(status) && (body !== undefined || json !== undefined))
    throw invalid('body', `status ${status} has none`)
  if (trailers !== undefined && (body === undefined || isWhole(body)))
    throw invalid('trailers', 'need a body that is iterated')
  if (delayMs !== undefined && !(delayMs >= 0 && delayMs < Infinity))
    throw invalid('delayMs', `must be a number of milliseconds >= 0, got ${String(delayMs)}`)
  if (cut !== undefined) {
    checkCount('cut.afterBytes', cut.afterBytes, 0)
    if (cut.by !== 'close' && cut.by !== 'reset') throw invalid('cut.by', 'must be "close" or "reset"')
  }
  encodeReply(reply, 'GET')
  return { ...reply }
}

/** @param method Of the request: HEAD is answered without content. @throws {UsageError} INVALID_HEADER. */
export function encodeReply(reply: MockReply, method: string): EncodedReply {
  const { status, reasonPhrase = '', json, trailers } = reply
  const body = json === undefined ? (reply.body ?? '') : jsonText(json)
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
  const isBytes = bytes instanceof Uint8Array
  try {
    const own = FieldSection.from(reply.headers ?? [])
    const isFramed = own.has('content-length') || own.has('transfer-encoding')
    const added: [string, string][] = []
    if (json !== undefined && !own.has('content-type')) added.push(['Content-Type', 'application/json'])
    if (!isFramed && !BODILESS.has(status))
      added.push(isBytes ? ['Content-Length', String(bytes.length)] : ['Transfer-Encoding', 'chunked'])
    const hasContent = method !== 'HEAD' && !BODILESS.has(status)
    return {
      head: encodeResponseHead({ status, reasonPhrase, fields: own.concat(added) }),
      body: bytes,
      framing: !hasContent ? 'none' : isBytes || isFramed ? 'as it is' : 'chunked',
      lastChunk: encodeLastChunk(trailers ?? []),
      closes: /(?:^|,)[ \t]*close[ \t]*(?:,|$)/i.test(own.get('connection') ?? ''),
    }
  } catch (cause) {
    throw new UsageError('ERR_HTTP_INVALID_HEADER', 'the reply cannot be sent', { cause })
  }
}

/** One piece as it is sent. @param most Bytes of it to send: where that is less than all, nothing follows them. */
export function framed(piece: Uint8Array, framing: EncodedReply['framing'], most: number): Uint8Array[] {
  const sent = most < piece.length ? piece.subarray(0, most) : piece
  if (framing !== 'chunked') return [sent]
  const encoder = new TextEncoder()
  const header = encoder.encode(encodeChunkHeader(piece.length))
  return sent === piece ? [header, piece, encoder.encode(CHUNK_END)] : [header, sent]
}

/** Pieces of at least one byte. */
export async function* piecesOf(body: BodyChunks): AsyncGenerator<Uint8Array, void, undefined> {
  const encoder = new TextEncoder()
  for await (const piece of body) {
    const bytes = typeof piece === 'string' ? encoder.encode(piece) : piece
    // A copy: what is written must not change any more.
    if (bytes.length > 0) yield new Uint8Array(bytes)
  }
}

function jsonText(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined
  if (text === undefined) throw invalid('json', 'cannot be written as JSON')
  return text
}

function isWhole(body: string | Uint8Array | BodyChunks): boolean {
  return typeof body === 'string' || body instanceof Uint8Array
}

function invalid(name: string, reason: string): UsageError {
  return new UsageError('ERR_HTTP_INVALID_OPTION', `option ${name}: ${reason}`)
}
