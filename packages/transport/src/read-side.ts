/**
 * Brings arriving bytes to a protocol of either kind.
 *
 * Invariants: bytes reach the protocol in order, each once, never while paused or stopped, never inside a call of the
 * protocol's; the end comes after the last byte. A buffer that was lent stays the target of the read that was already set
 * up for it, whatever happens meanwhile: bytes that arrive in a buffer other than the last one lent by today's protocol
 * are copied to where they belong.
 */

import type { BufferedProtocol, Protocol } from './protocol.ts'
import type { Scheduler } from './scheduler.ts'

/** Bytes that one read can bring at most; also the size hint given to `getBuffer`. */
export const READ_SIZE = 65_536

/** What a read side needs from its transport. */
export interface ReadSideOwner {
  readonly settings: {
    readonly scheduler: Pick<Scheduler, 'soon'>
    /** Shared with all other connections: holds bytes only while a callback runs. */
    readonly scratch: Uint8Array
  }
  /** The peer's end, in its place behind the last byte. */
  bytesEnded(): void
  /** A callback of the protocol threw, or it lent no memory. */
  protocolFailed(error: unknown): void
}

export class ReadSide {
  readonly #owner: ReadSideOwner
  #protocol: Protocol | BufferedProtocol
  #state: 'flowing' | 'paused' | 'stopped' = 'flowing'
  /** The array that today's protocol lent last and has not got back. */
  #lent: Uint8Array | undefined
  /** Bytes, and at last the end, that came while they could not be delivered. */
  #held: (Uint8Array | 'end')[] = NOTHING_HELD
  #releasing = false

  constructor(protocol: Protocol | BufferedProtocol, owner: ReadSideOwner) {
    this.#protocol = protocol
    this.#owner = owner
  }

  get protocol(): Protocol | BufferedProtocol {
    return this.#protocol
  }

  set protocol(protocol: Protocol | BufferedProtocol) {
    this.#protocol = protocol
    this.#lent = undefined
  }

  get isFlowing(): boolean {
    return this.#state === 'flowing'
  }

  get heldByteCount(): number {
    return this.#held.reduce((sum, item) => sum + (item === 'end' ? 0 : item.length), 0)
  }

  pause(): void {
    if (this.#state === 'flowing') this.#state = 'paused'
  }

  resume(): void {
    if (this.#state !== 'paused') return
    this.#state = 'flowing'
    this.#releaseSoon()
  }

  /** From now on everything is thrown away. */
  stop(): void {
    this.#state = 'stopped'
    this.#held = NOTHING_HELD
    this.#lent = undefined
  }

  /** Takes out what is held: the bytes belong to the caller. */
  takeHeld(): Uint8Array[] {
    const chunks = this.#held.filter((item) => item !== 'end')
    this.#held = NOTHING_HELD
    return chunks
  }

  /** The array for the next read: the protocol's, or the scratch buffer. */
  lend(): Uint8Array {
    const protocol = this.#protocol
    if (this.#state === 'stopped' || !isBuffered(protocol)) return this.#owner.settings.scratch
    try {
      return this.#borrow(protocol)
    } catch (error) {
      this.#owner.protocolFailed(error)
      return this.#owner.settings.scratch
    }
  }

  /** The first `byteCount` bytes of `buffer` have arrived. The array is borrowed. */
  arrived(byteCount: number, buffer: Uint8Array): void {
    if (this.#state === 'stopped') return
    const lent = this.#lent
    this.#lent = undefined
    if (this.#mustHold()) return this.#hold(copyOf(buffer, byteCount))
    if (buffer !== lent) return this.#deliver(copyOf(buffer, byteCount))
    try {
      ;(this.#protocol as BufferedProtocol).bufferUpdated(byteCount)
    } catch (error) {
      this.#owner.protocolFailed(error)
    }
  }

  /** `chunk` has arrived, in memory that is nobody else's. */
  arrivedOwned(chunk: Uint8Array): void {
    if (this.#state === 'stopped' || chunk.length === 0) return
    if (this.#mustHold()) this.#hold(chunk)
    else this.#deliver(chunk)
  }

  /** Keeps `chunk`, delivers it soon: for bytes that came before there was a protocol. */
  hold(chunk: Uint8Array): void {
    this.#hold(chunk)
    this.#releaseSoon()
  }

  /** The peer sends no more. */
  peerEnded(): void {
    if (this.#state === 'stopped') return
    if (this.#mustHold()) this.#hold('end')
    else this.#owner.bytesEnded()
  }

  #mustHold(): boolean {
    return this.#state === 'paused' || this.#held.length > 0
  }

  #hold(item: Uint8Array | 'end'): void {
    if (this.#held === NOTHING_HELD) this.#held = []
    this.#held.push(item)
  }

  #deliver(chunk: Uint8Array): void {
    const protocol = this.#protocol
    try {
      if (protocol.dataReceived !== undefined) protocol.dataReceived(chunk)
      else this.#feed(protocol as BufferedProtocol, chunk)
    } catch (error) {
      this.#owner.protocolFailed(error)
    }
  }

  /** Copies an owned chunk into as many lent buffers as it takes; stops where the protocol pauses or is replaced on the way. */
  #feed(protocol: BufferedProtocol, chunk: Uint8Array): void {
    let offset = 0
    while (offset < chunk.length) {
      const target = this.#borrow(protocol)
      const byteCount = Math.min(target.length, chunk.length - offset)
      target.set(byteCount === chunk.length ? chunk : chunk.subarray(offset, offset + byteCount))
      this.#lent = undefined
      protocol.bufferUpdated(byteCount)
      offset += byteCount
      if (offset === chunk.length || this.#state === 'stopped') return
      if (this.#state === 'paused' || this.#protocol !== protocol) {
        this.#held = [chunk.subarray(offset), ...this.#held]
        return this.#releaseSoon()
      }
    }
  }

  #borrow(protocol: BufferedProtocol): Uint8Array {
    const buffer = protocol.getBuffer(READ_SIZE)
    if (!(buffer instanceof Uint8Array)) throw new TypeError('getBuffer() must return a Uint8Array')
    if (buffer.length === 0) throw new RangeError('getBuffer() returned an empty array')
    this.#lent = buffer
    return buffer
  }

  #releaseSoon(): void {
    if (this.#releasing || this.#held.length === 0 || this.#state !== 'flowing') return
    this.#releasing = true
    this.#owner.settings.scheduler.soon(() => {
      this.#releasing = false
      this.#release()
    })
  }

  #release(): void {
    while (this.#state === 'flowing') {
      const item = this.#held.shift()
      if (item === undefined) return
      // What the protocol does not take of this item is put back before the others.
      if (item === 'end') this.#owner.bytesEnded()
      else this.#deliver(item)
      if (this.#releasing) return
    }
  }
}

const NOTHING_HELD: (Uint8Array | 'end')[] = []

function isBuffered(protocol: Protocol | BufferedProtocol): protocol is BufferedProtocol {
  return 'getBuffer' in protocol
}

/** An array with an ArrayBuffer of its own, safe to transfer. (`slice` of a Buffer would be a view.) */
function copyOf(buffer: Uint8Array, byteCount: number): Uint8Array {
  const copy = new Uint8Array(byteCount)
  copy.set(byteCount === buffer.length ? buffer : buffer.subarray(0, byteCount))
  return copy
}
