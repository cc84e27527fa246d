import type { StreamReader } from '@x/stream-reader'
import type { CloseOptions, StreamWriter } from '@x/stream-writer'
import type { CloseReason, Transport, TransportInfo } from '@x/transport'
import type { StreamProtocol } from './stream-protocol.ts'

/** A reader and a writer over one transport. */
export class Connection {
  readonly reader: StreamReader
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
