/** The content of a `Request` as a session sends it: with its length, and so that it can be had again, wherever that is known. */
import type { WebReadable } from './body-kinds.ts'
import { isBlob, isWebReadable } from './body-kinds.ts'
import { nextTurn } from './turns.ts'

/** `null`: there is none. */
export type FetchContent = Uint8Array | Blob | ReadableStream<Uint8Array> | null

/** More than this is not held to learn how long it is. */
const MAX_HELD_BYTES = 1_048_576

/**
 * @param request Its body is used up.
 * @param source The body as it was given beside the request; `undefined`: with the request, which does not say what it was.
 * @throws What the body fails with.
 */
export async function contentOf(request: Request, source: unknown): Promise<FetchContent> {
  const { body } = request
  if (body === null) return null
  if (source === undefined || source === null) return heldOrStreamed(body)
  if (typeof source === 'object') {
    // Known by its shape: of another realm it is a Blob all the same.
    if (isBlob(source)) return source as unknown as Blob
    if (isWebReadable(source) || Symbol.asyncIterator in source) return body
  }
  // A form, too, is put together in memory: by the runtime, whose boundary is in `Content-Type` already.
  return new Uint8Array(await request.arrayBuffer())
}

/**
 * Content that is there already ends with the pieces that can be read without waiting for anything: it goes out as a whole. A stream that is still
 * being written to goes out as it comes.
 */
async function heldOrStreamed(body: WebReadable): Promise<Uint8Array | ReadableStream<Uint8Array>> {
  const reader = body.getReader()
  const held: Uint8Array[] = []
  let byteCount = 0
  for (;;) {
    const reading = reader.read()
    const step = await Promise.race([reading, someTurns()])
    if (step === null) return streamed(reader, held, reading)
    if (step.done) return joined(held, byteCount)
    const bytes = step.value as Uint8Array
    held.push(bytes)
    byteCount += bytes.length
    if (byteCount > MAX_HELD_BYTES) return streamed(reader, held, null)
  }
}

type BodyStream = ReturnType<WebReadable['getReader']>

/** What was held and what follows, as one stream: whoever has it can give it up before it was begun, too. */
function streamed(
  reader: BodyStream,
  held: readonly Uint8Array[],
  reading: ReturnType<BodyStream['read']> | null,
): ReadableStream<Uint8Array> {
  const pieces = held.values()
  let pending = reading
  return new ReadableStream(
    {
      async pull(controller) {
        const piece = pieces.next()
        if (piece.done !== true) return controller.enqueue(piece.value)
        const step = await (pending ?? reader.read())
        pending = null
        if (step.done) controller.close()
        else controller.enqueue(step.value as Uint8Array)
      },
      async cancel(reason) {
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}

/** What is there already, and needs the runtime's own steps to be read, is read by then. */
async function someTurns(): Promise<null> {
  for (let turn = 0; turn < 4; turn++) await nextTurn()
  return null
}

function joined(pieces: readonly Uint8Array[], byteCount: number): Uint8Array {
  const all = new Uint8Array(byteCount)
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}
