import { checkOptions, checkPositive } from './option-checks.ts'
import { StreamSink } from './stream-sink.ts'
import type { Outlet, SinkOptions } from './stream-sink.ts'
import type { StreamWriter } from './stream-writer.ts'

export type { SinkOptions }

/** A `WritableStream`, as far as it is used here. */
export interface WebWritable {
  getWriter(): {
    readonly closed: Promise<unknown>
    write(chunk: Uint8Array): Promise<unknown>
    close(): Promise<unknown>
    abort(reason?: unknown): Promise<unknown>
  }
}

/** A `Writable` of Node's kind, as far as it is used here. */
export interface NodeWritable {
  readonly destroyed: boolean
  readonly writableEnded: boolean
  write(chunk: Uint8Array, callback: (error?: Error | null) => void): unknown
  end(): unknown
  destroy(error?: Error): unknown
  on(event: string, listener: (error?: unknown) => void): unknown
  off(event: string, listener: (error?: unknown) => void): unknown
}

/**
 * A writer over a stream: a Web `WritableStream`, which is locked, or a `Writable` of Node's kind. The stream is the writer's
 * from now on.
 *
 * `close` and `writeEof` end the stream; `closed` resolves when it has finished. Without `graceMs` a close takes the time that
 * it takes: what reads a pipe may be a person. `abort` aborts or destroys it. A chunk counts as handed on when the stream says
 * that it is through with it.
 *
 * @throws {TypeError} Another kind of thing, a locked stream, or one that has ended; an option that does not exist or is no number.
 * @throws {RangeError} `highWaterMark` is negative.
 */
export function writerTo(target: WebWritable | NodeWritable, options: SinkOptions = {}): StreamWriter {
  checkOptions(options, 'highWaterMark')
  const { highWaterMark = 65_536 } = options
  checkPositive('highWaterMark', highWaterMark) // before the stream is locked
  return new StreamSink(outletOf(target), highWaterMark).writer
}

function outletOf(target: WebWritable | NodeWritable): Outlet {
  if (typeof (target as WebWritable | null)?.getWriter === 'function') return webOutlet(target as WebWritable)
  if (typeof (target as NodeWritable | null)?.destroy === 'function')
    return nodeOutlet(target as NodeWritable)
  throw new TypeError('target must be a WritableStream or a Writable')
}

function webOutlet(stream: WebWritable): Outlet {
  const writer = stream.getWriter()
  return {
    closed: writer.closed,
    // What is only a part of its buffer must not be transferred: the rest belongs to others.
    write: (chunk) => writer.write(chunk.length === chunk.buffer.byteLength ? chunk : new Uint8Array(chunk)),
    end: () => writer.close(),
    abort: (reason) => writer.abort(reason).catch(() => {}),
  }
}

function nodeOutlet(stream: NodeWritable): Outlet {
  if (stream.writableEnded || stream.destroyed) throw new TypeError('target has ended')
  const closed = new Promise<void>((resolve, reject) => {
    const onFinish = (): void => resolve()
    const onError = (error: unknown): void => reject(error)
    const onClose = (): void => {
      stream.off('finish', onFinish)
      stream.off('error', onError)
      stream.off('close', onClose)
      resolve()
    }
    // Kept until the stream is closed: an error behind its end has to be somebody's.
    stream.on('finish', onFinish)
    stream.on('error', onError)
    stream.on('close', onClose)
  })
  return {
    closed,
    write: (chunk) =>
      new Promise((resolve, reject) => {
        stream.write(chunk, (error) => (error ? reject(error) : resolve(undefined)))
      }),
    end: () => {
      stream.end()
      return closed
    },
    abort: (reason) => stream.destroy(reason instanceof Error ? reason : undefined),
  }
}
