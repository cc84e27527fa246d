/** Every kind of source behind three calls. */
import { isNodeReadable, pullNode } from './pull-node.ts'

/** What is used of a `ReadableStream`; by shape, for each platform has types of its own for them. */
export interface WebReadable {
  getReader(): WebReader
}

interface WebReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>
  cancel(reason?: unknown): Promise<unknown>
  releaseLock(): void
}

/** A reader of a byte stream, which fills an array of ours. */
interface ByobReader extends Omit<WebReader, 'read'> {
  read(view: Uint8Array): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>
}

interface BlobLike {
  stream(): WebReadable
}

/** What `readerFrom` takes. */
export type ByteSource =
  | WebReadable
  | AsyncIterable<Uint8Array>
  | Iterable<Uint8Array>
  | BlobLike
  | Uint8Array

export interface PullSource {
  /** The next chunk, which is the caller's; `null` at the end. Rejects with what the source fails with. */
  pull(): Promise<Uint8Array | null>
  /** Nobody wants more. Settles when the source has heard it. */
  cancel(reason: unknown): Promise<unknown>
  /** Somebody else goes on with the source. A pull that waits may reject. */
  release(): void
}

const BYOB_BYTE_COUNT = 65_536

/** @throws {TypeError} `source` is of no kind that is known, or locked. */
export function pullFrom(source: ByteSource): PullSource {
  if (typeof source !== 'object' || source === null)
    throw new TypeError(`no source of bytes: ${typeof source}`)
  if (ArrayBuffer.isView(source)) return pullFrom([source])
  if ('getReader' in source) return pullWeb(source)
  if (isNodeReadable(source)) return pullNode(source)
  if (Symbol.asyncIterator in source) return pullIterator(source[Symbol.asyncIterator]())
  if (Symbol.iterator in source) return pullIterator(source[Symbol.iterator]())
  if ('stream' in source) return pullWeb(source.stream())
  throw new TypeError('no source of bytes: neither a stream, nor an iterable, nor a Blob')
}

function pullWeb(stream: WebReadable): PullSource {
  const byob = byobReader(stream)
  const reader = byob ?? stream.getReader()
  return {
    async pull() {
      // A new array for each read: the one before was given away.
      const { done, value } = await (byob === null
        ? (reader as WebReader).read()
        : byob.read(new Uint8Array(BYOB_BYTE_COUNT)))
      return done ? null : (value ?? new Uint8Array(0))
    },
    cancel: (reason) => reader.cancel(reason),
    release: () => reader.releaseLock(),
  }
}

function byobReader(stream: WebReadable): ByobReader | null {
  const { getReader } = stream as { getReader(this: WebReadable, options: { mode: 'byob' }): ByobReader }
  try {
    return getReader.call(stream, { mode: 'byob' })
  } catch {
    return null // no byte stream, or locked: which of the two shows when an ordinary reader is asked for
  }
}

function pullIterator(iterator: Iterator<Uint8Array> | AsyncIterator<Uint8Array>): PullSource {
  return {
    async pull() {
      const { done, value } = await iterator.next()
      return done === true ? null : value
    },
    async cancel() {
      await iterator.return?.()
    },
    release() {},
  }
}
