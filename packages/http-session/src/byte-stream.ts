import type { Content } from './response-body.ts'

/** Content as a `ReadableStream`: a byte stream, whose readers may bring memory of their own, where the runtime has them. */
export function byteStreamOf(content: Content): ReadableStream<Uint8Array> {
  const source = {
    async pull(controller: ReadableByteStreamController | ReadableStreamDefaultController<Uint8Array>) {
      const chunk = await content.read()
      // It is in memory of its own, of which a byte stream takes possession.
      if (chunk !== null) return controller.enqueue(chunk as Uint8Array<ArrayBuffer>)
      controller.close()
      // A reader that waits with its own memory is told only by an answer to its request.
      if ('byobRequest' in controller) controller.byobRequest?.respond(0)
    },
    cancel() {
      content.discard()
    },
  }
  try {
    return new ReadableStream({ ...source, type: 'bytes' }, { highWaterMark: 0 })
  } catch {
    return new ReadableStream<Uint8Array>(source, { highWaterMark: 0 })
  }
}
