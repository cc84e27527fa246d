import type { CloseReason } from './byte-sink.ts'
import { WriteFailedError, WriterClosedError } from './errors.ts'
import { checkOptions } from './option-checks.ts'
import { ignorable } from './promises.ts'
import type { StreamWriter } from './stream-writer.ts'

/** A `ReadableStream`, as far as it is used here. */
export interface WebReadable {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>
    cancel(reason?: unknown): Promise<unknown>
    releaseLock(): void
  }
}

/** What a pipe needs of a writer. */
export type PipeTarget = Pick<
  StreamWriter,
  'write' | 'writeOwned' | 'drain' | 'closed' | 'acceptedByteCount' | 'unsentByteCount'
>

/** Where `pipeFrom` takes bytes: Web streams, Node's `Readable`, arrays of chunks, generators of either kind. */
export type ByteSource = WebReadable | AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** How bytes are piped. */
export interface PipeOptions {
  /** Ends the pipe: it rejects with `signal.reason`. What was written is still sent. */
  signal?: AbortSignal | undefined
}

/**
 * Writes everything that `source` gives, no faster than `writer` drains, and leaves the writer open.
 *
 * The chunks of streams are taken over, those of other sources are copied.
 *
 * @returns Bytes written. The last of them may still be buffered: see `flush`.
 * @throws What the source fails with, as it is; the writer stays usable.
 * @throws {TypeError} The source, or a chunk of it, is something else.
 * @throws {WriteFailedError} The connection was lost, also while the source had nothing to give.
 * @throws {WriterClosedError} The writer was closed meanwhile.
 *
 * Abort: rejects with `signal.reason` at once. After that and after every failure the source is released: a stream is cancelled
 * or destroyed, an iterator told to `return`. Nobody waits for it to comply.
 */
export function pipeFrom(writer: PipeTarget, source: ByteSource, options: PipeOptions = {}): Promise<number> {
  return ignorable(pipe(writer, source, options))
}

async function pipe(writer: PipeTarget, source: ByteSource, options: PipeOptions): Promise<number> {
  checkOptions(options, 'signal')
  const { signal } = options
  if (signal !== undefined && typeof (signal as AbortSignal | null)?.addEventListener !== 'function')
    throw new TypeError('signal must be an AbortSignal')
  const supply = supplyOf(source)
  const stopper = stopperOf(writer, signal)
  let byteCount = 0
  try {
    for (;;) {
      const chunk = await stopper.orStopped(() => supply.next())
      if (chunk === undefined) break
      if (supply.chunksAre === 'owned') writer.writeOwned(chunk)
      else writer.write(chunk)
      byteCount += chunk.length
      await writer.drain({ signal })
    }
    supply.finished()
    return byteCount
  } catch (error) {
    supply.release(error)
    throw error
  } finally {
    stopper.end()
  }
}

/** A source reduced to what a pipe does with it. */
interface Supply {
  readonly chunksAre: 'owned' | 'borrowed'
  /** The next chunk; undefined behind the last one. */
  next(): Promise<Uint8Array | undefined> | Uint8Array | undefined
  /** Gives it up before its end. Never throws. */
  release(reason: unknown): void
  /** It has come to its end. */
  finished(): void
}

function supplyOf(source: ByteSource): Supply {
  const { getReader, [Symbol.asyncIterator]: iterate } = Object(source) as Partial<
    WebReadable & AsyncIterable<Uint8Array>
  >
  if (getReader !== undefined) return webSupply(source as WebReadable)
  if (iterate !== undefined) return iteratorSupply(source as AsyncIterable<Uint8Array>, iterate.call(source))
  const iterable = source as Iterable<Uint8Array>
  if (typeof source === 'object' && Symbol.iterator in source && !ArrayBuffer.isView(source))
    return iteratorSupply(iterable, iterable[Symbol.iterator]())
  throw new TypeError('source must be a ReadableStream or an iterable of Uint8Arrays')
}

function webSupply(stream: WebReadable): Supply {
  const reader = stream.getReader()
  return {
    chunksAre: 'owned',
    next: async () => {
      const { done, value } = await reader.read()
      return done ? undefined : value
    },
    release: (reason) => {
      reader.cancel(reason).catch(() => {})
      reader.releaseLock()
    },
    finished: () => reader.releaseLock(),
  }
}

type ByteIterator = AsyncIterator<Uint8Array> | Iterator<Uint8Array>

function iteratorSupply(source: object, iterator: ByteIterator): Supply {
  // The iterator of a stream of Node's kind cannot return while it waits; the stream can be destroyed.
  const { destroy } = source as { destroy?: (error?: Error) => unknown }
  return {
    chunksAre: destroy === undefined ? 'borrowed' : 'owned',
    next: async () => {
      const { done, value } = await iterator.next()
      return done === true ? undefined : value
    },
    release: () => {
      if (destroy === undefined) void ignorable((async () => iterator.return?.())())
      else destroy.call(source)
    },
    finished: () => {},
  }
}

interface Stopper {
  /** What `wait` gives, unless the pipe is stopped before. */
  orStopped<T>(wait: () => T | Promise<T>): Promise<T>
  end(): void
}

/** Ends a wait for the source when the signal is aborted or the connection is over. One listener for all waits. */
function stopperOf(writer: PipeTarget, signal: AbortSignal | undefined): Stopper {
  let stopped: (() => unknown) | null = signal?.aborted === true ? () => signal.reason : null
  let stopWaiting: (() => void) | null = null
  let isOver = false
  const stop = (makeError: () => unknown): void => {
    if (isOver) return
    stopped ??= makeError
    stopWaiting?.()
  }
  const onAbort = (): void => stop(() => signal?.reason)
  signal?.addEventListener('abort', onAbort)
  void writer.closed.then((reason) => stop(() => lossOf(writer, reason)))
  return {
    orStopped: (wait) =>
      new Promise((resolve, reject) => {
        stopWaiting = () => reject(stopped?.())
        if (stopped !== null) return stopWaiting()
        Promise.resolve(wait()).then(resolve, reject)
      }),
    end: () => {
      isOver = true
      stopWaiting = null
      signal?.removeEventListener('abort', onAbort)
    },
  }
}

/** Nothing more can be written, even where nothing was lost. */
function lossOf({ acceptedByteCount, unsentByteCount }: PipeTarget, reason: CloseReason): Error {
  if (reason.reason === 'closed') return new WriterClosedError('close')
  const sent = acceptedByteCount === 0 ? 'none' : unsentByteCount > 0 ? 'partial' : 'all'
  return new WriteFailedError({ ...reason, acceptedByteCount, unsentByteCount, sent })
}

/** How a writer is shown as a stream of the platform. */
export interface WritableOptions {
  /** What closing the stream does: `close` ends the connection, `writeEof` ends this direction. Default `close`. */
  onClose?: 'close' | 'writeEof' | undefined
}

/**
 * A Web `WritableStream` over the writer: `source.pipeTo(toWritableStream(writer))`. It is pulled as `drain` allows, fails when
 * the connection is lost, and aborts it when it is aborted itself.
 */
export function toWritableStream(
  writer: StreamWriter,
  options: WritableOptions = {},
): WritableStream<Uint8Array> {
  checkOptions(options, 'onClose')
  const { onClose = 'close' } = options
  if (onClose !== 'close' && onClose !== 'writeEof') throw new TypeError('onClose must be close or writeEof')
  return new WritableStream<Uint8Array>({
    start(controller) {
      // A close that is under way makes nothing of it.
      void writer.closed.then((reason) => controller.error(lossOf(writer, reason)))
    },
    write(chunk, { signal }) {
      writer.write(chunk)
      return writer.drain({ signal })
    },
    close() {
      if (onClose === 'close') return writer.close()
      writer.writeEof()
      return writer.flush()
    },
    abort(reason) {
      writer.abort(reason)
    },
  })
}
