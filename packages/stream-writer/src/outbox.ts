import type { ByteSink } from './byte-sink.ts'
import { latin1Bytes, PendingWrites } from './pending-writes.ts'

/**
 * Where every accepted byte is: pending here, handed over to the sink, or dropped.
 *
 * Each is counted once: what is neither pending nor handed over was dropped. Nothing has to be added up when things fail.
 */
export class Outbox {
  readonly pending: PendingWrites = new PendingWrites()
  #handedOver = 0
  /** Of the bytes handed over, those that stayed behind in the sink at the end. */
  #left = 0
  accepted: number = 0

  /** Dropped, or left behind in the sink. */
  get unsent(): number {
    return this.accepted - this.#handedOver - this.pending.byteCount + this.#left
  }

  get sent(): 'none' | 'partial' | 'all' {
    if (this.#handedOver === 0) return 'none'
    return this.unsent > 0 ? 'partial' : 'all'
  }

  /** It is over: what is pending is dropped, and `left` bytes stay behind in the sink. */
  drop(left: number): void {
    this.pending.take()
    this.#left = left
  }

  /** Hands over what is pending. What the sink does not take because it throws is dropped. */
  sendTo(sink: ByteSink): void {
    const { byteCount } = this.pending
    // A sink that is closing would drop it in silence: it waits for the loss, which counts it, or for another sink.
    if (byteCount === 0 || sink.isClosing) return
    const pieces = this.pending.take()
    if (pieces.length > 1 && sink.writeOwnedMany) {
      sink.writeOwnedMany(pieces as Uint8Array[]) // text is always alone
      this.#handedOver += byteCount
      return
    }
    for (const piece of pieces) {
      if (typeof piece !== 'string') sink.writeOwned(piece)
      else if (sink.writeLatin1) sink.writeLatin1(piece)
      else sink.writeOwned(latin1Bytes(piece))
      this.#handedOver += piece.length
    }
  }
}
