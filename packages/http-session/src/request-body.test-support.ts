/** Bodies for the tests of request bodies. */
import type { FormDataLike } from './body-kinds.ts'

export const broken: Error = new Error('broken')

export function thrower(): never {
  throw broken
}

/** Gives one chunk, then fails. */
export async function* failing(): AsyncGenerator<string> {
  yield 'abc'
  throw broken
}

export function webStream(...chunks: unknown[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk as Uint8Array)
      controller.close()
    },
  })
}

/** A form of just these blobs, as other makers of forms may give it. */
export function formOf(...files: Blob[]): FormDataLike {
  // A form's own `append` would make copies of them.
  const entries = files.map((file) => ['f', Object.defineProperty(file, 'name', { value: 'f' })])
  return Object.assign(entries, { getAll: () => [], [Symbol.toStringTag]: 'FormData' }) as never
}
