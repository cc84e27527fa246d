import { StreamReader } from '@x/stream-reader'
import type { StreamReaderOptions } from '@x/stream-reader'
import { StreamWriter } from '@x/stream-writer'
import type { BufferedProtocol, CloseReason, Transport } from '@x/transport'

/**
 * The protocol that turns a transport's callbacks into a reader and a writer. asyncio: `StreamReaderProtocol`.
 *
 * Bytes arrive in the reader's own buffer, or in chunks that it adopts where the transport has no buffer to fill.
 */
export class StreamProtocol implements BufferedProtocol {
  /** What the peer sends; there from the beginning. */
  readonly reader: StreamReader
  #transport: Transport | null = null
  #writer: StreamWriter | null = null
  #eofReceived = false

  constructor(options?: StreamReaderOptions) {
    this.reader = new StreamReader(options)
  }

  /**
   * The transport that calls this protocol.
   *
   * @throws {TypeError} Before `connectionMade`.
   */
  get transport(): Transport {
    if (this.#transport === null) throw new TypeError('the connection is not made yet')
    return this.#transport
  }

  /**
   * What the peer gets.
   *
   * @throws {TypeError} Before `connectionMade`.
   */
  get writer(): StreamWriter {
    if (this.#writer === null) throw new TypeError('the connection is not made yet')
    return this.#writer
  }

  connectionMade(transport: Transport): void {
    this.#transport = transport
    this.#writer = new StreamWriter(transport)
    this.reader.setFlowControl(transport)
  }

  /** Goes on with another transport, such as the secure one behind `startTls`; reader and writer stay. */
  replaceTransport(transport: Transport): void {
    this.#transport = transport
    this.writer.setSink(transport)
    this.reader.setFlowControl(transport)
  }

  getBuffer(): Uint8Array {
    return this.reader.getBuffer()
  }

  bufferUpdated(byteCount: number): void {
    this.reader.bufferUpdated(byteCount)
  }

  dataReceived(chunk: Uint8Array): void {
    this.reader.feed(chunk)
  }

  eofReceived(): void {
    this.#eofReceived = true
    // The transport closes behind this call: what waits for the end of the tick would come too late.
    this.#writer?.push()
    this.reader.feedEof()
  }

  connectionLost(reason: CloseReason): void {
    // What went wrong behind the peer's clean end is the writer's matter: the reader has everything.
    if (!this.#eofReceived) {
      if (reason.reason === 'error' || reason.reason === 'aborted')
        this.reader.feedError(reason.cause, reason.reason)
      else this.reader.feedEof()
    }
    this.#writer?.connectionLost(reason)
  }

  pauseWriting(): void {
    this.#writer?.pauseWriting()
  }

  resumeWriting(): void {
    this.#writer?.resumeWriting()
  }

  writeBufferEmptied(): void {
    this.#writer?.writeBufferEmptied()
  }
}
