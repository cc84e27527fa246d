import type { Channel, ChannelEvents } from './channel.ts'
import { acceptsBytes, acceptsWrites, advance, isClosingPhase, writeRefusal } from './closing.ts'
import type { ClosingEvent, Phase } from './closing.ts'
import { NotSupportedError, TransportClosedError, TransportTimeoutError } from './errors.ts'
import { showAs } from './inspection.ts'
import { checkGrace } from './option-checks.ts'
import { checkProtocol } from './protocol-check.ts'
import type { BufferedProtocol, CloseReason, Protocol } from './protocol.ts'
import { ReadSide } from './read-side.ts'
import type { ReadSideOwner } from './read-side.ts'
import type { Transport, TransportInfo, WriteBufferLimits } from './transport.ts'
import { tellHook } from './transport-options.ts'
import type { TransportSettings } from './transport-options.ts'
import { WriteSide } from './write-side.ts'
import type { WriteNews, WriteSideOwner } from './write-side.ts'

const DEFAULT_GRACE_MS = 10_000
/** Without members that say nothing, as those of memory and of streams. */
function known(info: TransportInfo): object {
  return Object.fromEntries(Object.entries(info).filter(([, value]) => value !== null))
}

/** Takes over what is asked of a transport whose channel was handed on. */
export type Successor = Pick<Transport, 'close' | 'abort'>

/**
 * The rules of asyncio's transports over any channel.
 *
 * It is itself what its channel and its two sides call back: an object of functions for each would cost every idle connection memory.
 */
export class StreamTransport implements Transport, ChannelEvents, ReadSideOwner, WriteSideOwner {
  static {
    // Not the fields: the memory of `settings`, which all transports read into, holds bytes of other connections.
    showAs(this.prototype, 'StreamTransport', ({ isClosing, isReading, bufferedByteCount, info }) => {
      return { isClosing, isReading, bufferedByteCount, info: known(info) }
    })
  }

  /** @internal */
  readonly settings: TransportSettings
  /** @internal */
  readonly reader: ReadSide
  readonly #channel: Channel
  readonly #writer: WriteSide
  #phase: Phase = 'open'
  #reason: CloseReason | undefined
  #eofWritten: 'eof written' | 'eof not written' = 'eof not written'
  #stopGrace: (() => void) | undefined
  #finalInfo: TransportInfo | undefined
  #closed: { promise: Promise<CloseReason>; resolve: (reason: CloseReason) => void } | undefined
  #successor: Successor | undefined

  constructor(channel: Channel, protocol: Protocol | BufferedProtocol, settings: TransportSettings) {
    this.#channel = channel
    this.settings = settings
    this.#writer = new WriteSide(channel, settings.writeBufferLimits, this)
    this.reader = new ReadSide(protocol, this)
  }

  /** Starts events, without `connectionMade`: for a protocol that knows its connection already. */
  attach(): void {
    this.settings.registry?.add(this)
    this.#channel.attach(this)
  }

  /** Starts events with `connectionMade`. Where that throws, the connection is aborted and the error thrown on. */
  start(): void {
    this.attach()
    try {
      this.reader.protocol.connectionMade?.(this)
    } catch (error) {
      this.protocolFailed(error)
      throw error
    }
  }

  get info(): TransportInfo {
    return this.#finalInfo ?? this.#channel.snapshot()
  }

  get isClosing(): boolean {
    return isClosingPhase(this.#phase) || this.#channel.isDestroyed
  }

  get isReading(): boolean {
    return acceptsBytes(this.#phase) && this.reader.isFlowing
  }

  get canWriteEof(): boolean {
    return this.#channel.canWriteEof
  }

  get bufferedByteCount(): number {
    return this.#writer.bufferedByteCount
  }

  get writeBufferLimits(): WriteBufferLimits {
    return this.#writer.limits
  }

  get protocol(): Protocol | BufferedProtocol {
    return this.reader.protocol
  }

  get closed(): Promise<CloseReason> {
    if (this.#closed === undefined) {
      let resolve!: (reason: CloseReason) => void
      const promise = new Promise<CloseReason>((settle) => {
        resolve = settle
      })
      this.#closed = { promise, resolve }
      if (this.#finalInfo !== undefined) resolve(this.#reason as CloseReason)
    }
    return this.#closed.promise
  }

  ref(): void {
    this.#channel.ref()
  }

  unref(): void {
    this.#channel.unref()
  }

  setProtocol(protocol: Protocol | BufferedProtocol): void {
    this.reader.protocol = checkProtocol(protocol)
    if (this.#writer.isPaused) this.#guard(() => protocol.pauseWriting?.())
  }

  pauseReading(): void {
    if (!acceptsBytes(this.#phase) || !this.reader.isFlowing) return
    this.reader.pause()
    this.#channel.pause()
  }

  resumeReading(): void {
    if (!acceptsBytes(this.#phase) || this.reader.isFlowing) return
    this.reader.resume()
    this.#channel.resume()
  }

  write(data: Uint8Array): void {
    // A copy at every write, for nobody can know yet whether the kernel takes it at once.
    if (this.#admits(data, 'write()')) this.#writer.send(new Uint8Array(data))
  }

  writeOwned(data: Uint8Array): void {
    if (this.#admits(data, 'writeOwned()')) this.#writer.send(data)
  }

  writeOwnedMany(chunks: readonly Uint8Array[]): void {
    let byteCount = 0
    for (const chunk of chunks) {
      if (this.#admits(chunk, 'writeOwnedMany()')) byteCount += chunk.length
    }
    if (byteCount > 0) this.#writer.sendMany(chunks, byteCount)
  }

  writeLatin1(text: string): void {
    if (typeof text !== 'string') throw new TypeError('writeLatin1() takes a string')
    if (!acceptsWrites(this.#phase)) return this.#refuse('writeLatin1()')
    if (text !== '') this.#writer.sendLatin1(text)
  }

  writeEof(): void {
    if (!this.#channel.canWriteEof)
      throw new NotSupportedError('writeEof() is not possible on a TLS connection')
    if (!acceptsWrites(this.#phase)) return
    this.#eofWritten = 'eof written'
    this.#move('writeEof')
    if (this.#phase === 'flushing') this.#flush({ reason: 'eof' })
    else this.#channel.end()
  }

  close(options?: { graceMs?: number }): void {
    const graceMs = checkGrace(options)
    if (this.#successor !== undefined) return this.#successor.close(options)
    if (this.#phase === 'lost') return
    if (this.#phase !== 'flushing') {
      this.#move('close')
      this.#flush({ reason: 'closed' }, graceMs)
    } else if (graceMs !== undefined) {
      this.#limitFlush(graceMs)
    }
  }

  abort(reason?: unknown): void {
    if (this.#successor !== undefined) return this.#successor.abort(reason)
    if (this.#phase === 'lost') return
    this.#writer.lose()
    this.#lose(reason === undefined ? { reason: 'aborted' } : { reason: 'aborted', cause: reason })
    this.#channel.destroy()
  }

  setWriteBufferLimits(limits?: { high?: number; low?: number }): void {
    this.#writer.setLimits(limits)
  }

  /** @internal For `startTls`: what it needs to see before it takes the connection over. */
  get handover(): { channel: Channel; phase: Phase } {
    return { channel: this.#channel, phase: this.#phase }
  }

  /** @internal Gives the channel away: from now on nothing reaches the protocol through this transport but its loss. */
  handOver(successor: Successor): void {
    this.#move('handOver')
    this.reader.stop()
    this.#successor = successor
  }

  /** @internal The secure transport stands: it is the connection from now on. */
  succeedBy(next: StreamTransport): void {
    this.#successor = next
    this.settings.registry?.delete(this)
    void next.closed.then((reason) => this.endHandedOver(reason, 'the protocol knows'))
  }

  /** @internal The successor's end is this transport's, too. The protocol hears of it only where the successor has none. */
  endHandedOver(reason: CloseReason, audience: 'tell the protocol' | 'the protocol knows'): void {
    this.#reason = reason
    this.#successor = undefined
    this.#move('lose')
    this.#finish(audience)
  }

  /** True where bytes may be sent; throws where a caller could have known that they may not. */
  #admits(data: Uint8Array, operation: string): boolean {
    if (!(data instanceof Uint8Array)) throw new TypeError(`${operation} takes bytes as Uint8Array`)
    if (acceptsWrites(this.#phase)) return data.length > 0
    this.#refuse(operation)
    return false
  }

  #refuse(operation: string): void {
    const because = writeRefusal(this.#phase, this.#reason, this.#eofWritten)
    if (because !== undefined)
      throw new TransportClosedError({ operation, reason: this.#reason ?? null, because })
  }

  /** @internal */
  bytesEnded(): void {
    if (!acceptsBytes(this.#phase)) return
    this.#guard(() => this.reader.protocol.eofReceived?.())
    // The callback may have closed the connection, which is then its reason.
    if (!acceptsBytes(this.#phase)) return
    this.#move(this.settings.allowHalfOpen ? 'peerEofHalfOpen' : 'peerEof')
    if (this.#phase === 'flushing') this.#flush({ reason: 'eof' })
  }

  /** The connection is freed as soon as everything is out; never later than the grace allows. */
  #flush(reason: CloseReason, graceMs: number = DEFAULT_GRACE_MS): void {
    this.#reason = reason
    const wasReading = this.reader.isFlowing
    this.reader.stop()
    this.#channel.finish()
    if (!wasReading) this.#channel.resume()
    this.#limitFlush(graceMs)
  }

  #limitFlush(graceMs: number): void {
    this.#stopGrace?.()
    this.#stopGrace = this.settings.scheduler.setTimer(() => {
      this.abort(new TransportTimeoutError({ phase: 'close', limitMs: graceMs }))
    }, graceMs)
  }

  /** @internal */
  protocolFailed(error: unknown): void {
    this.#report(error)
    if (this.#phase === 'lost') return
    this.#writer.lose()
    this.#lose({ reason: 'error', cause: error })
    this.#channel.destroy()
  }

  /** @internal */
  tellOfWriting(news: WriteNews): void {
    this.#guard(() => this.reader.protocol[news]?.())
  }

  /** @internal */
  channelProgressed(): void {
    if (this.#phase !== 'lost') this.#writer.progressed()
  }

  /** @internal */
  channelFailed(error: unknown): void {
    // A peer that resets after everything was handed over takes nothing from a close that was under way.
    const harmless = this.#phase === 'flushing' && !this.#writer.hasHeldBytes && this.#reason !== undefined
    if (!harmless) this.#writer.lose(error)
    this.#lose(harmless ? (this.#reason as CloseReason) : { reason: 'error', cause: error })
  }

  #lose(reason: CloseReason): void {
    if (this.#phase === 'lost') return
    this.#reason = reason
    this.#move('lose')
    this.reader.stop()
  }

  /** @internal */
  channelClosed(): void {
    this.#finish()
  }

  #finish(audience: 'tell the protocol' | 'the protocol knows' = 'tell the protocol'): void {
    this.#stopGrace?.()
    this.#finalInfo = this.#channel.snapshot()
    this.reader.stop()
    // A channel that was freed from outside, without an error, was aborted by somebody.
    const reason = (this.#reason ??= { reason: 'aborted' })
    this.#move('lose')
    if (audience === 'tell the protocol') {
      try {
        this.reader.protocol.connectionLost?.(reason)
      } catch (error) {
        this.#report(error)
      }
    }
    this.#closed?.resolve(reason)
    this.settings.registry?.delete(this)
  }

  #move(event: ClosingEvent): void {
    this.#phase = advance(this.#phase, event)
  }

  #guard(callback: () => void): void {
    try {
      callback()
    } catch (error) {
      this.protocolFailed(error)
    }
  }

  #report(error: unknown): void {
    tellHook(this.settings.onProtocolError, error)
  }
}
