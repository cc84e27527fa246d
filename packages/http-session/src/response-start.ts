/** Decodes the head of a response and, when it is wholly there, its content, in one step. */
import { createBodyDecoder, responseFraming, takeBody } from '@x/http1'
import type { BodyDecoder, MessageFraming, ResponseHead, ResponseHeadDecoder } from '@x/http1'
import type { ByteWindow } from './ports.ts'
import type { FramedRequest } from './request.ts'

/** A response's head and what of its content has come with it. */
export interface ResponseStart {
  readonly head: ResponseHead
  readonly framing: MessageFraming
  /** The beginning of the content, or all of it. */
  readonly content: Uint8Array
  /** Whether that is all of it. */
  readonly complete: boolean
  /** Takes the rest, and has the trailer section; `null` where no content follows the head. */
  readonly decoder: BodyDecoder | null
}

const EMPTY = new Uint8Array(0)

/** `undefined`: more bytes are needed. @param request What is answered. @throws What the head decoder throws. */
export function responseStart(
  window: ByteWindow,
  headDecoder: ResponseHeadDecoder,
  request: FramedRequest | null,
): ResponseStart | undefined {
  const head = headDecoder.decode(window)
  if (head === undefined) return undefined
  const framing = responseFraming({
    requestMethod: request?.method ?? '',
    requestUpgrade: request?.fields.upgrade,
    head,
  })
  if (framing.kind === 'none' || framing.kind === 'tunnel')
    return { head, framing, content: EMPTY, complete: true, decoder: null }
  const decoder = createBodyDecoder(framing, headDecoder.limits)
  // What is not wholly there stays in the reader, where the rest is read behind it without another copy.
  if (framing.kind === 'content-length' && framing.byteCount > window.end - window.start) {
    return { head, framing, content: EMPTY, complete: false, decoder }
  }
  try {
    return { head, framing, decoder, ...takeBody(decoder, window) }
  } catch {
    // What is wrong with the body is thrown again when the body is read: the head has come all the same.
    return { head, framing, content: EMPTY, complete: false, decoder }
  }
}
