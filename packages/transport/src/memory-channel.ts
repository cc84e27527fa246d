import type { Channel, ChannelEvents } from './channel.ts'
import type { LinkReceiver, LinkSender, MemoryLink } from './memory-link.ts'
import { NO_ADDRESSES } from './no-addresses.ts'
import type { TransportInfo } from './transport.ts'

/** Connected sockets lend memory for reads, accepted ones bring chunks of their own: memory ends can do as either. */
export type MemoryReads = 'lent' | 'owned'

const NOBODY: LinkReceiver = { room: Infinity, bytesArrived() {}, endArrived() {} }

/** One end of a memory connection as a channel. */
export class MemoryChannel implements Channel, LinkReceiver, LinkSender {
  readonly canWriteEof: boolean = true
  readonly #outgoing: MemoryLink
  readonly #incoming: MemoryLink
  readonly #reads: MemoryReads
  #events: ChannelEvents | undefined
  /** As in Node, fixed right after the read before. */
  #nextBuffer: Uint8Array
  readonly #scratch: Uint8Array
  #state: 'open' | 'finishing' | 'closed' = 'open'

  constructor(
    links: { outgoing: MemoryLink; incoming: MemoryLink },
    memory: { reads: MemoryReads; scratch: Uint8Array },
  ) {
    this.#outgoing = links.outgoing
    this.#incoming = links.incoming
    this.#outgoing.sender = this
    this.#reads = memory.reads
    this.#nextBuffer = memory.scratch
    this.#scratch = memory.scratch
  }

  get bufferedByteCount(): number {
    return this.#outgoing.bufferedByteCount
  }

  get isDestroyed(): boolean {
    return this.#state === 'closed'
  }

  attach(events: ChannelEvents): void {
    this.#events = events
    this.#incoming.receiver = this
  }

  write(data: Uint8Array): void {
    if (this.#state === 'open') this.#outgoing.write(data)
  }

  writeMany(chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) if (chunk.length > 0) this.write(chunk)
  }

  writeLatin1(text: string): void {
    this.write(Uint8Array.from(text, (character) => character.charCodeAt(0)))
  }

  ref(): void {} // memory keeps no process alive

  unref(): void {}

  end(): void {
    this.#outgoing.end()
  }

  finish(): void {
    if (this.#state !== 'open') return
    this.#state = 'finishing'
    this.#outgoing.end()
    // It may have ended before, by `end`.
    if (this.#outgoing.isEnded) queueMicrotask(() => this.finished())
  }

  destroy(): void {
    if (this.#state === 'closed') return
    this.#close()
    // As a kernel does: bytes that nobody read are answered with a reset, otherwise the stream ends.
    if (this.#incoming.hasUnreadBytes) return this.#outgoing.reset()
    this.#outgoing.drop()
    this.#incoming.receiver = 'gone'
  }

  pause(): void {
    this.#incoming.pause()
  }

  resume(): void {
    this.#incoming.resume()
  }

  snapshot(): TransportInfo {
    return {
      ...NO_ADDRESSES,
      bytesRead: this.#incoming.deliveredByteCount,
      bytesWritten: this.#outgoing.sentByteCount + this.#outgoing.bufferedByteCount,
    }
  }

  get room(): number {
    return this.#reads === 'owned' ? Infinity : this.#nextBuffer.length
  }

  bytesArrived(chunk: Uint8Array): void {
    const { reader } = this.#events as ChannelEvents
    if (this.#reads === 'owned') return reader.arrivedOwned(new Uint8Array(chunk))
    const buffer = this.#nextBuffer
    buffer.set(chunk)
    reader.arrived(chunk.length, buffer)
    // Whoever kept a view of borrowed bytes shall see it.
    if (buffer === this.#scratch) buffer.fill(0xdb, 0, chunk.length)
    this.#nextBuffer = reader.lend()
  }

  endArrived(): void {
    this.#events?.reader.peerEnded()
  }

  progressed(): void {
    if (this.#state !== 'closed') this.#events?.channelProgressed()
  }

  /** Everything is out. As a socket does, this end goes on taking bytes for nobody, so that the peer gets ours. */
  finished(): void {
    if (this.#state !== 'finishing') return
    this.#close()
    this.#incoming.receiver = NOBODY
  }

  /** The connection was reset, by either side or a fault. */
  failed(error: Error): void {
    if (this.#state === 'closed') return
    this.#close()
    this.#events?.channelFailed(error)
  }

  #close(): void {
    this.#state = 'closed'
    queueMicrotask(() => this.#events?.channelClosed())
  }
}
