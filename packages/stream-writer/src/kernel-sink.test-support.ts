import { StreamWriter } from './index.ts'
import type { ByteSink, CloseReason } from './index.ts'

export interface KernelOptions {
  /** Bytes that the kernel holds until the peer takes them. Default: no limit. */
  capacity?: number
  /** Water marks of the buffer before it. Default 16 and 4. */
  high?: number
  low?: number
  /** Without these the sink has only what every sink has. */
  extras?: 'writev and latin1' | 'none'
}

/**
 * A connection in memory: a buffer with water marks, a kernel of limited size, a peer that takes bytes when told to. It keeps
 * what it is given by reference until the kernel has room, as a socket does, and calls back as the port demands.
 */
export class KernelSink implements ByteSink {
  readonly writer: StreamWriter
  /** Every call of the writer, with byte counts: `owned 3`, `many 512+600`, `text 5`, `eof`, `close`, `abort`. */
  readonly calls: string[] = []
  /** What the peer has taken, in order. */
  readonly received: number[] = []
  /** What has reached the kernel, in order: all that counts as sent. */
  readonly sent: number[] = []
  readonly writeOwnedMany?: (chunks: readonly Uint8Array[]) => void
  readonly writeLatin1?: (text: string) => void
  isClosing: boolean = false
  /** Set: the next write throws it. */
  refusal: Error | null = null
  eofReceived: boolean = false
  readonly #options: { capacity: number; high: number; low: number }
  #buffer: Uint8Array[] = []
  #kernel: number[] = []
  #paused = false
  #held = false
  #eof = false
  #ending: CloseReason | null = null
  #isLost = false
  #graceMs = Infinity

  constructor(options: KernelOptions = {}) {
    const { capacity = Infinity, high = 16, low = 4, extras = 'writev and latin1' } = options
    this.#options = { capacity, high, low }
    if (extras === 'writev and latin1') {
      this.writeOwnedMany = (chunks) => {
        this.#refuse()
        this.calls.push(`many ${chunks.map(({ length }) => length).join('+')}`)
        this.#buffer.push(...chunks)
        this.#fill()
      }
      this.writeLatin1 = (text) => {
        this.#refuse()
        this.calls.push(`text ${text.length}`)
        this.#buffer.push(Uint8Array.from(text, (character) => character.charCodeAt(0)))
        this.#fill()
      }
    }
    this.writer = new StreamWriter(this)
  }

  get bufferedByteCount(): number {
    return this.#buffer.reduce((sum, { length }) => sum + length, 0)
  }

  get receivedText(): string {
    return String.fromCharCode(...this.received)
  }

  writeOwned(chunk: Uint8Array): void {
    this.#refuse()
    this.calls.push(`owned ${chunk.length}`)
    this.#buffer.push(chunk)
    this.#fill()
  }

  writeEof(): void {
    this.#refuse()
    this.calls.push('eof')
    this.#eof = true
    this.#settle()
  }

  close({ graceMs }: { graceMs?: number | undefined } = {}): void {
    if (graceMs !== undefined && !(graceMs >= 0)) throw new RangeError('graceMs must not be negative')
    this.calls.push('close')
    this.#graceMs = graceMs ?? this.#graceMs
    this.#end({ reason: 'closed' })
  }

  abort(reason?: unknown): void {
    this.calls.push('abort')
    this.#buffer = []
    this.#lose({ reason: 'aborted', cause: reason })
  }

  // What the tests do ---------------------------------------------------------------------------------------------

  /** The peer takes up to `byteCount` bytes; then whatever follows from it happens. */
  peerTakes(byteCount: number = Infinity): void {
    let wanted = byteCount
    while (wanted > 0 && this.#kernel.length > 0) {
      const taken = this.#kernel.splice(0, wanted)
      this.received.push(...taken)
      wanted -= taken.length
      this.#fill()
    }
    this.#settle()
  }

  peerEnds(): void {
    this.writer.push()
    this.#end({ reason: 'eof' })
  }

  /** The connection breaks: what is buffered stays counted, what the kernel has is gone. */
  breaks(error: Error): void {
    this.#lose({ reason: 'error', cause: error })
  }

  /** Time passes: a close may run out of its grace. */
  passes(ms: number): void {
    this.#graceMs -= ms
    if (this.#ending !== null && this.#graceMs <= 0)
      this.#lose({ reason: 'aborted', cause: new Error('grace is over') })
  }

  #refuse(): void {
    if (this.refusal !== null) throw this.refusal
  }

  #fill(): void {
    if (this.#isLost) return
    const { capacity, high } = this.#options
    while (this.#buffer.length > 0 && this.#kernel.length < capacity) {
      const [first, ...rest] = this.#buffer as [Uint8Array, ...Uint8Array[]]
      const room = capacity - this.#kernel.length
      this.#kernel.push(...first.subarray(0, room))
      this.sent.push(...first.subarray(0, room))
      this.#buffer = first.length > room ? [first.subarray(room), ...rest] : rest
    }
    if (this.bufferedByteCount > 0) this.#held = true
    if (this.bufferedByteCount <= high || this.#paused) return
    this.#paused = true
    this.writer.pauseWriting()
  }

  #settle(): void {
    if (this.#isLost) return
    if (this.#paused && this.bufferedByteCount <= this.#options.low) {
      this.#paused = false
      this.writer.resumeWriting()
    }
    if (this.bufferedByteCount > 0) return
    if (this.#held) {
      this.#held = false
      this.writer.writeBufferEmptied()
    }
    if (this.#eof && this.#kernel.length === 0) this.eofReceived = true
    if (this.#ending !== null) this.#lose(this.#ending)
  }

  #end(reason: CloseReason): void {
    this.isClosing = true
    this.#ending ??= reason
    queueMicrotask(() => this.#settle())
  }

  #lose(reason: CloseReason): void {
    if (this.#isLost) return
    this.#isLost = true
    this.isClosing = true
    queueMicrotask(() => this.writer.connectionLost(reason))
  }
}

/** Lets everything happen that waits for promise jobs alone. */
export async function jobs(): Promise<void> {
  for (let count = 0; count < 20; count++) await Promise.resolve()
}

/** `pending`, or how the promise was settled. */
export async function outcome(promise: Promise<unknown>): Promise<string> {
  let state = 'pending'
  promise.then(
    () => (state = 'resolved'),
    (error: unknown) => (state = `rejected: ${(error as Error).name}`),
  )
  await jobs()
  return state
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
