import type { StreamReader } from '@x/stream-reader'
import type { CloseOptions, StreamWriter } from '@x/stream-writer'
import type { CloseReason, Transport, TransportInfo } from '@x/transport'
import type { StreamProtocol } from './stream-protocol.ts'

/** Asked by `util.inspect` and `console.log`. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom')

type Inspect = (value: unknown, options: object) => string

/** A reader and a writer over one transport. */
export class Connection {
  static {
    // The writer's fields say nothing, and a reader's bytes are nobody's business.
    Object.defineProperty(this.prototype, INSPECT, {
      value(this: Connection, _depth: number, options: object, inspect: Inspect) {
        const { isClosing, bufferedByteCount, unsentByteCount } = this.writer
        const writer = { isClosing, bufferedByteCount, unsentByteCount }
        const { transport } = this
        return `Connection ${inspect({ reader: String(this.reader), writer, transport }, options)}`
      },
    })
  }

  /** What the peer sends. */
  readonly reader: StreamReader
  /** What the peer gets. */
  readonly writer: StreamWriter
  readonly #protocol: StreamProtocol

  /** @throws {TypeError} The protocol has no transport yet. */
  constructor(protocol: StreamProtocol) {
    this.reader = protocol.reader
    this.writer = protocol.writer
    this.#protocol = protocol
  }

  /** The transport underneath; reading and writing belong to `reader` and `writer`. Another one after `startTls`. */
  get transport(): Transport {
    return this.#protocol.transport
  }

  /** Addresses, TLS facts and byte counts; survives the close. */
  get info(): TransportInfo {
    return this.transport.info
  }

  /** Resolves once the connection is over, with the reason; never rejects. */
  get closed(): Promise<CloseReason> {
    return this.writer.closed
  }

  /** Sends what was written, then closes; see `StreamWriter.close`. */
  close(options?: CloseOptions): Promise<void> {
    return this.writer.close(options)
  }

  /** Closes at once and drops what was not sent. Reads and drains that wait reject with `reason` as their cause. */
  abort(reason?: unknown): void {
    this.writer.abort(reason)
  }

  /** Whether this connection alone may keep the process alive. Default: it does. */
  ref(): void {
    this.transport.ref()
  }

  /** See `ref`. */
  unref(): void {
    this.transport.unref()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
