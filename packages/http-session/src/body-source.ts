/** One reading of a body, the same for iterators, streams of both kinds and blobs. */
import type { BlobLike, BodyChunks, NodeReadable, WebReadable } from './body-kinds.ts'

/** A body that is being read. */
export interface BodySource {
  /** The next chunk, as the source gives it. One call at a time, none behind the end or a failure. Throws or rejects as the source does. */
  next(): BodyStep | Promise<BodyStep>
  /** Nobody wants more, for `reason`; a `next` that waits may hang or reject. Called at most once, not behind the end or a failure. */
  release(reason: unknown): unknown
}

/** As an iterator gives it. */
export interface BodyStep {
  readonly done?: boolean | undefined
  readonly value?: unknown
}

/** Asks for the iterator: a source may refuse to begin. */
export function fromIterable(chunks: BodyChunks): BodySource {
  const iterator = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]()
  return { next: () => iterator.next(), release: () => iterator.return?.() }
}

/** By its reader, not its iterator, which not every runtime has. @throws {TypeError} It is locked. */
export function fromWeb(stream: WebReadable): BodySource {
  const reader = stream.getReader()
  return { next: () => reader.read(), release: (reason) => reader.cancel(reason) }
}

/** Destroyed directly: its iterator hears of nothing while it waits. Without the reason: nobody listens for the error that it would become. */
export function fromNode(stream: NodeReadable): BodySource {
  return { next: fromIterable(stream).next, release: () => stream.destroy() }
}

/** Gives `size` bytes or fails with a RangeError: a file may have changed since its size was told. */
export function fromBlob(blob: BlobLike): BodySource {
  const { size } = blob
  const { next, release } = fromWeb(blob.stream())
  let givenByteCount = 0
  return {
    async next() {
      const step = await next()
      if (!step.done) givenByteCount += (step.value as Uint8Array).length
      if (givenByteCount > size) {
        const error = new RangeError(`a blob of ${size} bytes gives more`)
        tell(() => release(error))
        throw error
      }
      if (step.done && givenByteCount < size)
        throw new RangeError(`a blob of ${size} bytes gives ${givenByteCount}`)
      return step
    },
    release,
  }
}

/** Tells somebody for whose answer nobody waits. */
export function tell(notice: () => unknown): void {
  void (async () => {
    await notice()
  })().catch(ignore)
}

export function ignore(): void {}
