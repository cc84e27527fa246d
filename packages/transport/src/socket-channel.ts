import type { Socket } from 'node:net'
import type { Channel, ChannelEvents } from './channel.ts'
import type { ReadSide } from './read-side.ts'
import { peerAddresses } from './socket-info.ts'
import type { PeerAddresses, TlsFacts } from './socket-info.ts'
import type { TransportInfo } from './transport.ts'

const EMPTY = new Uint8Array(0)

/**
 * How long a closed socket goes on reading, for nobody. A kernel that is told to close while bytes of the peer are unread, or
 * gets some later, resets the connection, and the peer's kernel then throws away what was sent. A TLS 1.3 server sends
 * such bytes, its tickets, unasked. A peer that ends its side in answer frees the socket at once.
 */
const LINGER_MS = 2000

/**
 * The two functions that Node asks for memory and gives bytes to, from before there is a protocol until the end.
 *
 * Node takes the first buffer when the socket is made and each next one right after a read: the first read always lands in
 * the scratch buffer.
 */
export class ReadPort {
  readonly #scratch: Uint8Array
  /** Bytes that have come this way: Bun's sockets do not count them. */
  byteCount = 0
  #reader: ReadSide | undefined
  /** Bytes that came before there was a reader; they are no view of the scratch buffer. */
  #early: Uint8Array[] | undefined

  constructor(scratch: Uint8Array) {
    this.#scratch = scratch
  }

  /** For the option `onread` of `net.connect` and `tls.connect`. */
  get onread(): { buffer: () => Uint8Array; callback: (byteCount: number, buffer: Uint8Array) => boolean } {
    return {
      buffer: () => this.#reader?.lend() ?? this.#scratch,
      callback: (byteCount, buffer) => {
        this.byteCount += byteCount
        if (this.#reader !== undefined) this.#reader.arrived(byteCount, buffer)
        else (this.#early ??= []).push(new Uint8Array(buffer.subarray(0, byteCount)))
        return true
      },
    }
  }

  /** From now on the bytes are the reader's, those that came early first. */
  attach(reader: ReadSide): void {
    this.#reader = reader
    for (const chunk of this.#early ?? []) reader.hold(chunk)
    this.#early = undefined
  }
}

/** Under which a socket knows whom to tell: the listeners are the same for all sockets, since a set for each is memory for each. */
const EVENTS: unique symbol = Symbol('events')

type ToldSocket = Socket & { [EVENTS]?: ChannelEvents | undefined }

/** A TCP, Unix or TLS socket as a channel. */
export class SocketChannel implements Channel {
  readonly socket: ToldSocket
  /** Facts of the TLS handshake; null without TLS. */
  readonly #tls: TlsFacts | null
  readonly #readPort: ReadPort | undefined
  /** Looked up at once: a socket that was reset cannot tell any more. */
  readonly #addresses: PeerAddresses
  /** Made for the first write that has to wait: most connections know none. */
  #onProgress: (() => void) | undefined

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
    socket[EVENTS] = events
    socket.on('error', onError).on('end', onEnd).on('close', onClose)
    if (this.#readPort === undefined) socket.on('data', onData)
    else this.#readPort.attach(events.reader)
  }

  /** Stops all events: the socket is somebody else's from now on. */
  detach(): void {
    stopListening(this.socket)
  }

  write(data: Uint8Array): void {
    const { socket } = this
    if (this.#reportsEveryWrite) {
      socket.write(data, this.#progress())
    } else {
      socket.write(data)
      if (socket.writableLength > 0) this.#watch()
    }
  }

  writeLatin1(text: string): void {
    const { socket } = this
    if (this.#reportsEveryWrite) {
      socket.write(text, 'latin1', this.#progress())
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
    const { bytesWritten } = this.socket
    const bytesRead = this.socket.bytesRead || (this.#readPort?.byteCount ?? 0)
    return { ...this.#addresses, tls: this.#tls?.read() ?? null, bytesRead, bytesWritten }
  }

  /** While the kernel takes everything at once there is no progress to report. TLS always takes a turn. */
  get #reportsEveryWrite(): boolean {
    return this.#tls !== null || this.socket.writableLength > 0
  }

  /** The kernel is full: an empty write behind what waits reports when that is through. Costs nothing before. */
  #watch(): void {
    this.socket.write(EMPTY, this.#progress())
  }

  #progress(): () => void {
    return (this.#onProgress ??= () => this.socket[EVENTS]?.channelProgressed())
  }

  /** The transport is done; the socket goes when the peer has ended, too. Node frees it then by itself. */
  #linger(): void {
    const { socket } = this
    const events = socket[EVENTS]
    if (events === undefined) return // it was destroyed meanwhile
    this.detach()
    // The socket keeps the process alive as long as it may; its timer is no further reason to.
    const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref()
    // Both go with the socket.
    socket.on('close', () => clearTimeout(timer)).on('error', () => socket.destroy())
    if (socket.readableEnded) socket.destroy()
    events.channelClosed()
  }
}

// Of a listener `this` is the socket.

function onError(this: ToldSocket, error: Error): void {
  this[EVENTS]?.channelFailed(error)
  this.destroy() // after a TLS alert Node tells the error and leaves the socket open
}

function onEnd(this: ToldSocket): void {
  this[EVENTS]?.reader.peerEnded()
}

function onData(this: ToldSocket, chunk: Uint8Array): void {
  this[EVENTS]?.reader.arrivedOwned(chunk)
}

function onClose(this: ToldSocket): void {
  const events = this[EVENTS]
  stopListening(this)
  events?.channelClosed()
}

function stopListening(socket: ToldSocket): void {
  socket[EVENTS] = undefined
  socket.off('error', onError).off('end', onEnd).off('close', onClose).off('data', onData)
}
