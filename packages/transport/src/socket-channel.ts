import type { Socket } from 'node:net'
import type { Channel, ChannelEvents } from './channel.ts'
import type { ReadSide } from './read-side.ts'
import { peerAddresses } from './socket-info.ts'
import type { PeerAddresses, TlsFacts } from './socket-info.ts'
import type { TransportInfo } from './transport.ts'

const EMPTY = new Uint8Array(0)

/**
 * How long a closed socket goes on reading, for nobody. A kernel that is told to close while bytes of the peer are unread, or
 * gets some later, resets the connection, and the peer's kernel then throws away what we had sent. A TLS 1.3 server sends
 * such bytes, its tickets, unasked. A peer that ends its side in answer to our end frees the socket at once.
 */
const LINGER_MS = 2000

/**
 * The two functions that Node asks for memory and gives bytes to, from before there is a protocol until the end.
 *
 * Node takes the first buffer when the socket is made and each next one right after a read: the first read always lands in
 * the scratch buffer.
 */
export class ReadPort {
  /** Bytes that came before the channel was attached; they are no view of the scratch buffer. */
  early: Uint8Array[] = []
  reader: ReadSide | undefined
  readonly #scratch: Uint8Array

  constructor(scratch: Uint8Array) {
    this.#scratch = scratch
  }

  /** For the option `onread` of `net.connect` and `tls.connect`. */
  get onread(): { buffer: () => Uint8Array; callback: (byteCount: number, buffer: Uint8Array) => boolean } {
    return {
      buffer: () => this.reader?.lend() ?? this.#scratch,
      callback: (byteCount, buffer) => {
        if (this.reader !== undefined) this.reader.arrived(byteCount, buffer)
        else this.early.push(new Uint8Array(buffer.subarray(0, byteCount)))
        return true
      },
    }
  }
}

/** A TCP, Unix or TLS socket as a channel. */
export class SocketChannel implements Channel {
  readonly socket: Socket
  /** Facts of the TLS handshake; null without TLS. */
  readonly #tls: TlsFacts | null
  readonly #readPort: ReadPort | undefined
  /** Looked up at once: a socket that was reset cannot tell any more. */
  readonly #addresses: PeerAddresses
  #events: ChannelEvents | undefined
  #removeListeners: (() => void) | undefined
  readonly #onProgress: () => void = () => this.#events?.progressed()

  constructor(socket: Socket, from: { tls: TlsFacts | null; path: string | null; readPort?: ReadPort }) {
    this.socket = socket
    this.#tls = from.tls
    this.#readPort = from.readPort
    this.#addresses = peerAddresses(socket, from.path)
  }

  get canWriteEof(): boolean {
    return this.#tls === null
  }

  get bufferedByteCount(): number {
    return this.socket.writableLength
  }

  get isDestroyed(): boolean {
    return this.socket.destroyed
  }

  attach(events: ChannelEvents): void {
    const { socket } = this
    const { reader } = events
    this.#events = events
    const onError = (error: Error): void => {
      events.failed(error)
      socket.destroy() // after a TLS alert Node tells the error and leaves the socket open
    }
    const onEnd = (): void => reader.peerEnded()
    const onData = (chunk: Uint8Array): void => reader.arrivedOwned(chunk)
    const onClose = (): void => {
      this.detach()
      events.closed()
    }
    socket.on('error', onError).on('end', onEnd).on('close', onClose)
    if (this.#readPort === undefined) socket.on('data', onData)
    else this.#adoptReadPort(this.#readPort, reader)
    this.#removeListeners = () => {
      this.#removeListeners = undefined
      socket.off('error', onError).off('end', onEnd).off('close', onClose).off('data', onData)
    }
  }

  /** Stops all events: the socket is somebody else's from now on. */
  detach(): void {
    this.#removeListeners?.()
    this.#events = undefined
  }

  write(data: Uint8Array): void {
    const { socket } = this
    if (this.#reportsEveryWrite) {
      socket.write(data, this.#onProgress)
    } else {
      socket.write(data)
      if (socket.writableLength > 0) this.#watch()
    }
  }

  writeLatin1(text: string): void {
    const { socket } = this
    if (this.#reportsEveryWrite) {
      socket.write(text, 'latin1', this.#onProgress)
    } else {
      socket.write(text, 'latin1')
      if (socket.writableLength > 0) this.#watch()
    }
  }

  writeMany(chunks: readonly Uint8Array[]): void {
    const { socket } = this
    socket.cork()
    for (const chunk of chunks) if (chunk.length > 0) socket.write(chunk)
    socket.uncork()
    if (socket.writableLength > 0) this.#watch()
  }

  end(): void {
    this.socket.end()
  }

  finish(): void {
    const { socket } = this
    const onFlushed = (): void => {
      socket.off('finish', onFlushed)
      this.#linger()
    }
    if (socket.writableFinished) return process.nextTick(onFlushed)
    socket.on('finish', onFlushed)
    socket.end()
  }

  destroy(): void {
    this.socket.destroy()
  }

  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    this.socket.resume()
  }

  ref(): void {
    this.socket.ref()
  }

  unref(): void {
    this.socket.unref()
  }

  snapshot(): TransportInfo {
    const { bytesRead, bytesWritten } = this.socket
    return { ...this.#addresses, tls: this.#tls?.read() ?? null, bytesRead, bytesWritten }
  }

  /** While the kernel takes everything at once there is no progress to report. TLS always takes a turn. */
  get #reportsEveryWrite(): boolean {
    return this.#tls !== null || this.socket.writableLength > 0
  }

  /** The kernel is full: an empty write behind what waits reports when that is through. Costs nothing before. */
  #watch(): void {
    this.socket.write(EMPTY, this.#onProgress)
  }

  /** The transport is done; the socket goes when the peer has ended, too. Node frees it then by itself. */
  #linger(): void {
    const { socket } = this
    const events = this.#events
    if (events === undefined) return // it was destroyed meanwhile
    this.detach()
    // The socket keeps the process alive as long as it may; its timer is no further reason to.
    const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref()
    // Both go with the socket.
    socket.on('close', () => clearTimeout(timer)).on('error', () => socket.destroy())
    if (socket.readableEnded) socket.destroy()
    events.closed()
  }

  #adoptReadPort(readPort: ReadPort, reader: ReadSide): void {
    readPort.reader = reader
    for (const chunk of readPort.early) reader.hold(chunk)
    readPort.early = []
  }
}
