import type { Channel } from './channel.ts'
import type { WriteBufferLimits } from './transport.ts'
import { deriveWriteBufferLimits, WriteFlow } from './write-flow.ts'

/** What a protocol is told about its writing. */
export type WriteNews = 'pauseWriting' | 'resumeWriting' | 'writeBufferEmptied'

/** Who tells the protocol. */
export interface WriteSideOwner {
  tellOfWriting(news: WriteNews): void
}

/** Sends, and tells the protocol how full the buffer is. Asks nobody whether sending is allowed. */
export class WriteSide {
  readonly #channel: Channel
  readonly #flow: WriteFlow
  readonly #owner: WriteSideOwner
  #hasHeldBytes = false
  /** Of the last call that sent something. */
  #lastSentByteCount = 0
  /** As of the last look at the channel. */
  #heldByteCount = 0
  #unsentByteCount: number | undefined

  constructor(channel: Channel, limits: WriteBufferLimits, owner: WriteSideOwner) {
    this.#channel = channel
    this.#flow = new WriteFlow(limits)
    this.#owner = owner
  }

  get limits(): WriteBufferLimits {
    return this.#flow.limits
  }

  get isPaused(): boolean {
    return this.#flow.isPaused
  }

  /** The buffer held bytes since `writeBufferEmptied` was told last: some may still be unsent. */
  get hasHeldBytes(): boolean {
    return this.#hasHeldBytes
  }

  /** Bytes accepted and not handed on; once the connection is lost, those that never will be. */
  get bufferedByteCount(): number {
    return this.#unsentByteCount ?? this.#channel.bufferedByteCount
  }

  send(data: Uint8Array): void {
    this.#channel.write(data)
    this.#checkBuffer(data.length)
  }

  sendMany(chunks: readonly Uint8Array[], byteCount: number): void {
    this.#channel.writeMany(chunks)
    this.#checkBuffer(byteCount)
  }

  sendLatin1(text: string): void {
    this.#channel.writeLatin1(text)
    this.#checkBuffer(text.length)
  }

  /**
   * The connection is lost: counts what is left, before the channel forgets it. A channel that has failed may have forgotten already; then what
   * it held when it was last looked at counts, or what it refused to take.
   */
  lose(failure?: unknown): void {
    const refused =
      (failure as { syscall?: unknown } | undefined)?.syscall === 'write' ? this.#lastSentByteCount : 0
    const held = failure === undefined ? 0 : this.#heldByteCount
    this.#unsentByteCount ??= Math.max(this.#channel.bufferedByteCount, held, refused)
  }

  setLimits(limits: { high?: number; low?: number } | undefined): void {
    this.#turn(this.#flow.setLimits(deriveWriteBufferLimits(limits), this.#channel.bufferedByteCount))
  }

  /** The channel's buffer has become smaller. */
  progressed(): void {
    const byteCount = this.#channel.bufferedByteCount
    this.#heldByteCount = byteCount
    this.#turn(this.#flow.evaluate(byteCount))
    // The protocol may have written on being told.
    if (byteCount > 0 || !this.#hasHeldBytes || this.#channel.bufferedByteCount > 0) return
    this.#hasHeldBytes = false
    this.#owner.tellOfWriting('writeBufferEmptied')
  }

  #checkBuffer(sentByteCount: number): void {
    const byteCount = this.#channel.bufferedByteCount
    this.#lastSentByteCount = sentByteCount
    this.#heldByteCount = byteCount
    if (byteCount === 0) return
    this.#hasHeldBytes = true
    this.#turn(this.#flow.evaluate(byteCount))
  }

  #turn(turn: 'pause' | 'resume' | undefined): void {
    if (turn !== undefined) this.#owner.tellOfWriting(turn === 'pause' ? 'pauseWriting' : 'resumeWriting')
  }
}
