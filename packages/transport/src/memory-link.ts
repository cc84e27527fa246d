/**
 * One direction of a memory connection: the sender's write buffer, the kernel's buffer of limited size, and the way to the
 * receiver in chunks that a seed decides. Deterministic: no real time, no chance.
 */

import { showAs } from './inspection.ts'
import { randomFrom } from './seeded-random.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** How one direction behaves. */
export interface MemoryLinkOptions {
  /** Time from sending to arrival, on the pair's clock; default 0: arrives by a microtask, no clock needed. */
  latencyMs?: number
  /** Bytes under way that the kernels hold; what is written beyond stays in the transport's buffer. Default 65,536. */
  capacityBytes?: number
  /** Longest chunk that arrives in one piece; default 65,536. */
  maxChunkBytes?: number
  /** Cuts and joins what was written into chunks of 1 to `maxChunkBytes`, the same for the same seed. Default: as written. */
  seed?: number
  /** After so many bytes have arrived the connection is reset, for both ends. Default: never. */
  resetAfterBytes?: number
}

/** Faults at will, in one direction. */
export interface MemoryLinkControl {
  /** Bytes that have arrived so far. */
  readonly deliveredByteCount: number
  /** Nothing arrives until `flow`, whatever the receiver wants: a stalled peer. */
  stall(): void
  /** Ends what `stall` has begun. Idempotent. */
  flow(): void
  /** Resets the connection for both ends. */
  reset(): void
}

/** Where the bytes go. */
export interface LinkReceiver {
  /** Bytes that it can take at once; one at least. */
  readonly room: number
  /** At most `room` bytes, borrowed. */
  bytesArrived(chunk: Uint8Array): void
  endArrived(): void
}

/** Where they come from. */
export interface LinkSender {
  /** The write buffer has become smaller. */
  progressed(): void
  /** Everything, the end included, was handed to the kernel. */
  finished(): void
}

interface Parcel {
  readonly content: Uint8Array | 'end'
  readonly dueMs: number
}

export class MemoryLink implements MemoryLinkControl {
  static {
    showAs(this.prototype, 'MemoryLink', (link) => ({
      deliveredByteCount: link.deliveredByteCount,
      bufferedByteCount: link.bufferedByteCount,
      state: link.#state,
      blocked: [...link.#blocked],
    }))
  }

  sender!: LinkSender
  receiver: LinkReceiver | 'gone' | undefined
  /** Called with the error for both ends. */
  onReset!: () => void
  deliveredByteCount: number = 0
  bufferedByteCount: number = 0
  sentByteCount: number = 0
  readonly #options: Required<Omit<MemoryLinkOptions, 'seed'>>
  readonly #clock: VirtualClock
  readonly #random: (() => number) | undefined
  #waiting: Uint8Array[] = []
  #underWay: Parcel[] = []
  #underWayByteCount = 0
  #blocked = new Set<'paused' | 'stalled'>()
  #state: 'open' | 'ending' | 'ended' | 'reset' = 'open'
  #scheduled = false

  constructor(options: MemoryLinkOptions, clock: VirtualClock) {
    const {
      latencyMs = 0,
      capacityBytes = 65_536,
      maxChunkBytes = 65_536,
      resetAfterBytes = Infinity,
    } = options
    this.#options = { latencyMs, capacityBytes, maxChunkBytes, resetAfterBytes }
    this.#clock = clock
    this.#random = options.seed === undefined ? undefined : randomFrom(options.seed)
  }

  get hasUnreadBytes(): boolean {
    return this.#underWayByteCount > 0
  }

  /** Everything, the end included, was handed to the kernel. */
  get isEnded(): boolean {
    return this.#state === 'ended'
  }

  write(chunk: Uint8Array): void {
    this.#waiting.push(chunk)
    this.bufferedByteCount += chunk.length
    this.#fill()
  }

  /** The end follows what is written. */
  end(): void {
    if (this.#state !== 'open') return
    this.#state = 'ending'
    this.#fill()
  }

  /** What the kernel has not taken is lost; the end follows what it has. */
  drop(): void {
    this.#waiting = []
    this.bufferedByteCount = 0
    this.end()
  }

  pause(): void {
    this.#blocked.add('paused')
  }

  resume(): void {
    this.#unblock('paused')
  }

  stall(): void {
    this.#blocked.add('stalled')
  }

  flow(): void {
    this.#unblock('stalled')
  }

  reset(): void {
    this.onReset()
  }

  /** Forgets everything: the connection was reset. */
  clear(): void {
    this.#state = 'reset'
    this.#waiting = []
    this.#underWay = []
    this.#underWayByteCount = 0
  }

  /** Hands to the kernel what it has room for. */
  #fill(): void {
    const dueMs = this.#clock.now() + this.#options.latencyMs
    let room = this.#options.capacityBytes - this.#underWayByteCount
    while (room > 0 && this.#waiting.length > 0) {
      const chunk = this.#waiting.shift() as Uint8Array
      if (chunk.length > room) this.#waiting.unshift(chunk.subarray(room))
      // The sender's array, which it owns no more, becomes the receiver's: a copy keeps mistakes apart.
      const content = new Uint8Array(chunk.subarray(0, room))
      this.#underWay.push({ content, dueMs })
      this.#underWayByteCount += content.length
      this.bufferedByteCount -= content.length
      this.sentByteCount += content.length
      room -= content.length
    }
    if (this.#state === 'ending' && this.#waiting.length === 0) {
      this.#state = 'ended'
      this.#underWay.push({ content: 'end', dueMs })
      queueMicrotask(() => this.sender.finished())
    }
    this.#schedule()
  }

  #unblock(reason: 'paused' | 'stalled'): void {
    this.#blocked.delete(reason)
    this.#schedule()
  }

  #schedule(): void {
    const [first] = this.#underWay
    if (this.#scheduled || first === undefined || this.#blocked.size > 0) return
    this.#scheduled = true
    const delayMs = first.dueMs - this.#clock.now()
    const deliver = (): void => {
      this.#scheduled = false
      if (this.#blocked.size === 0) this.#deliver()
    }
    if (delayMs > 0) this.#clock.setTimer(deliver, delayMs)
    else queueMicrotask(deliver)
  }

  #deliver(): void {
    const [first] = this.#underWay
    const { receiver } = this
    if (first === undefined || receiver === undefined) return
    if (first.content === 'end') {
      this.#underWay.shift()
      if (receiver !== 'gone') receiver.endArrived()
      return
    }
    // Nobody is there any more to take it: the kernel answers with a reset.
    if (receiver === 'gone') return this.reset()
    const chunk = this.#nextChunk(receiver.room)
    this.#remove(chunk.length)
    this.deliveredByteCount += chunk.length
    receiver.bytesArrived(chunk)
    if (this.deliveredByteCount >= this.#options.resetAfterBytes) return this.reset()
    const bufferedBefore = this.bufferedByteCount
    this.#fill()
    if (this.bufferedByteCount < bufferedBefore) this.sender.progressed()
  }

  /** The bytes of the next arrival: a piece of what was written at once, or, with a seed, any cut of all that is under way. */
  #nextChunk(room: number): Uint8Array {
    const { maxChunkBytes, resetAfterBytes } = this.#options
    const most = Math.min(room, maxChunkBytes, resetAfterBytes - this.deliveredByteCount)
    const first = this.#underWay[0]!.content as Uint8Array
    if (this.#random === undefined) return first.subarray(0, most)
    const longest = Math.min(most, this.#underWayByteCount)
    const contents = this.#underWay
      .filter(({ dueMs }) => dueMs <= this.#clock.now())
      .flatMap(({ content }) => (content === 'end' ? [] : [content]))
    return join(contents, 1 + Math.floor(this.#random() * longest))
  }

  #remove(byteCount: number): void {
    this.#underWayByteCount -= byteCount
    let left = byteCount
    while (left > 0) {
      const { content, dueMs } = this.#underWay.shift() as { content: Uint8Array; dueMs: number }
      if (content.length > left) this.#underWay.unshift({ content: content.subarray(left), dueMs })
      left -= content.length
    }
  }
}

/** At most `byteCount` bytes from the beginning of `chunks`, one at least. */
function join(chunks: readonly Uint8Array[], byteCount: number): Uint8Array {
  const available = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  const joined = new Uint8Array(Math.min(byteCount, available))
  let offset = 0
  for (const chunk of chunks) {
    if (offset === joined.length) break
    const part = chunk.subarray(0, joined.length - offset)
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}
