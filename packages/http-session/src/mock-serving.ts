/** A server's side of one connection: reads requests, sends what it is told to. The bytes are real; only the network is not there. */
import { createBodyDecoder, persistence, RequestHeadDecoder, requestFraming, takeBody } from '@x/http1'
import type { FieldSection, MessageFraming } from '@x/http1'
import { isHttpSessionError } from './errors.ts'
import { checkReply, encodeReply, framed, piecesOf } from './mock-reply.ts'
import type { MockEnding, MockReply } from './mock-reply.ts'
import { MockRequest } from './mock-request.ts'
import { MockError } from './mock-route.ts'
import type { MockStep } from './mock-route.ts'
import type { ByteReader, ByteStream, Clock, ConnectTarget } from './ports.ts'

/** The server's end, and the means to interfere. */
interface ServedEnd {
  readonly target: ConnectTarget
  readonly stream: ByteStream
  readonly clock: Clock
  /** Resolves when the client has got what was written, or takes no more for now. */
  delivered(): Promise<void>
  /** Both ends fail. */
  reset(): void
  /** The client's end fails with this very error. */
  fail(error: unknown): void
}

/** @throws What the request is to reject with. */
export type Respond = (request: MockRequest) => MockStep | Promise<MockStep>

/** The decoders have limits of their own. */
const UNLIMITED = { limit: Infinity }

/** Serves requests until either side ends the connection. Never rejects. */
export async function serve(end: ServedEnd, respond: Respond): Promise<void> {
  const { stream } = end
  const heads = new RequestHeadDecoder()
  try {
    for (;;) {
      const head = await stream.reader.decode(heads.decode, UNLIMITED)
      const framing = requestFraming(head)
      if (/^100-continue$/i.test(head.fields.get('expect') ?? ''))
        stream.writer.writeText('HTTP/1.1 100 Continue\r\n\r\n', 'latin1')
      const content = await contentOf(stream.reader, framing)
      const ending = await answer(end, new MockRequest(end.target, head, content), respond)
      if (ending === 'reset') {
        await end.delivered()
        return end.reset()
      }
      if (ending === 'close' || !persistence(head, framing).reusable) return void (await stream.close())
    }
  } catch {
    // The client has gone, or does not speak HTTP, which it finds out by that.
    stream.abort()
  }
}

async function contentOf(
  reader: ByteReader,
  framing: MessageFraming,
): Promise<{ body: Uint8Array; trailers: FieldSection }> {
  const decoder = createBodyDecoder(framing)
  const pieces: Uint8Array[] = []
  for (let complete = false; !complete;) {
    const taken = await reader.decode((window) => {
      const step = takeBody(decoder, window)
      return step.complete || step.content.length > 0 ? step : undefined
    }, UNLIMITED)
    pieces.push(taken.content)
    complete = taken.complete
  }
  return { body: joined(pieces), trailers: decoder.trailers }
}

async function answer(end: ServedEnd, request: MockRequest, respond: Respond): Promise<MockEnding> {
  try {
    const step = await respond(request)
    if (step.kind === 'silence') return await silence(end)
    if (step.kind === 'bytes') {
      await write(end, [step.bytes])
      return step.ending
    }
    const reply = step.kind === 'made' ? checkReply(await step.make(request)) : step.reply
    return await send(end, reply, request.method)
  } catch (cause) {
    end.fail(isHttpSessionError(cause) ? cause : replyFailure(request, cause))
    throw cause
  }
}

async function send(end: ServedEnd, reply: MockReply, method: string): Promise<MockEnding> {
  const { delayMs = 0, cut } = reply
  if (delayMs > 0) await elapsed(end, delayMs)
  const { head, body, framing, lastChunk, closes } = encodeReply(reply, method)
  end.stream.writer.writeText(head, 'latin1')
  if (framing === 'none') return closes ? 'close' : 'keep'
  let left = cut?.afterBytes ?? Infinity
  // What is there already goes out with the head.
  if (body instanceof Uint8Array) await write(end, framed(body.slice(), framing, left))
  // Asked for the next piece only when the last one has left, so that what is iterated sets the pace.
  else
    for await (const piece of piecesOf(body)) {
      await write(end, framed(piece, framing, left))
      left -= piece.length
      if (left <= 0) break
    }
  if (cut !== undefined) return cut.by
  if (framing === 'chunked') end.stream.writer.writeText(lastChunk, 'latin1')
  return closes ? 'close' : 'keep'
}

async function write({ stream: { writer } }: ServedEnd, pieces: readonly Uint8Array[]): Promise<void> {
  for (const piece of pieces) if (piece.length > 0) writer.writeOwned(piece)
  await writer.drain()
}

/** Resolves when the time has passed; rejects when the client has gone by then. */
async function elapsed({ clock, stream }: ServedEnd, ms: number): Promise<void> {
  let stop = (): void => {}
  const passed = new Promise<'passed'>((resolve) => {
    stop = clock.setTimer(() => resolve('passed'), ms)
  })
  const outcome = await Promise.race([passed, stream.closed.then(() => 'gone')])
  stop()
  if (outcome === 'gone') throw new Error('the client has gone')
}

/** Until the client has gone: then nothing can be done any more. */
async function silence({ stream }: ServedEnd): Promise<never> {
  await stream.reader.decode((window) => (window.ended ? true : undefined), UNLIMITED)
  throw new Error('the client has gone')
}

function replyFailure({ method, url }: MockRequest, cause: unknown): MockError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new MockError('ERR_HTTP_MOCK_REPLY', `${method} ${url}: the reply failed: ${why}`, { cause })
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}
