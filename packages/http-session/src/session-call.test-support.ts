/** One request of a caller of the session, what the caller does with it, and whether what comes of it is what may come of it. */
import { isHttpSessionError, RequestError } from './index.ts'
import type { ClientResponse, ClientSession } from './index.ts'
import { contentFor } from './scripted-peer.test-support.ts'

export type BodyKind = 'none' | 'text' | 'large' | 'stream'

const LARGE = new Uint8Array(20_000).fill(0x78)

export class Call {
  readonly id: string
  readonly method: string
  readonly bodyKind: BodyKind
  state: 'waiting' | 'answered' | 'failed' = 'waiting'
  /** Something was done that may make it fail: by its caller, to its connection, or with the time. */
  isHarmed = false
  /** What happened that must not happen. */
  readonly offences: string[] = []
  readonly #priority: number
  readonly #controller = new AbortController()
  readonly #abortReason = { aborted: 'by the caller' }
  /** Why everything is given up; only at the end. */
  endReason: unknown = undefined
  /** Pieces of a streamed body; `null` is its end. */
  readonly #pieces: (string | null)[] = []
  #wake: () => void = () => {}
  #response: ClientResponse | null = null
  #chunks: AsyncIterator<Uint8Array> | null = null
  #content = ''
  /** Reads that have not settled. */
  pendingReads = 0

  constructor(id: string, method: string, bodyKind: BodyKind, priority: number) {
    this.id = id
    this.method = method
    this.bodyKind = bodyKind
    this.#priority = priority
  }

  /** How often a server may see it: again only where that does no harm (P38). */
  get maxSeen(): number {
    return this.method === 'POST' || this.bodyKind === 'stream' ? 1 : 2
  }

  get canStream(): boolean {
    return this.bodyKind === 'stream' && this.#pieces.at(-1) !== null
  }

  /** Whether somebody may begin to read, or go on chunk by chunk. */
  get canRead(): boolean {
    return this.pendingReads === 0 && this.#response?.bodyUsed === false
  }

  get canReadSome(): boolean {
    return this.pendingReads === 0 && (this.canRead || this.#chunks !== null)
  }

  get canDiscard(): boolean {
    return this.#response !== null
  }

  start(session: ClientSession): void {
    const body = { none: null, text: 'abc', large: LARGE, stream: this.#stream() }[this.bodyKind]
    const { signal } = this.#controller
    session
      .request(this.method, `http://a.example/${this.id}`, { body, signal, priority: this.#priority })
      .then(
        (response) => this.#answered(response),
        (error: unknown) => {
          this.state = 'failed'
          this.#checkError(error)
        },
      )
  }

  abort(): void {
    this.isHarmed = true
    this.#controller.abort(this.#abortReason)
  }

  stream(piece: string | null): void {
    this.#pieces.push(piece)
    this.#wake()
  }

  readAll(): void {
    const response = this.#response
    if (response === null) return
    this.#read(response.bytes(), (bytes) => {
      this.#content = latin1(bytes)
      this.#checkWhole()
    })
  }

  readSome(): void {
    if (this.#response === null) return
    this.#chunks ??= this.#response[Symbol.asyncIterator]()
    this.#read(this.#chunks.next(), ({ done, value }) => {
      if (done === true) {
        this.#chunks = null
        return this.#checkWhole()
      }
      this.#arrived(value)
    })
  }

  /** Reads chunk by chunk to the end. */
  readOn(): void {
    const response = this.#response
    if (response === null) return
    this.#read(this.#readChunks(response), () => this.#checkWhole())
  }

  discard(): void {
    this.isHarmed = true
    this.#chunks = null
    this.#response?.discard()
  }

  get #expected(): string {
    const size = this.#response?.headers.get('x-size') === 'large' ? 'large' : 'small'
    return this.method === 'HEAD' ? '' : contentFor(this.id, size)
  }

  async #readChunks(response: ClientResponse): Promise<void> {
    for await (const chunk of response) this.#arrived(chunk)
  }

  #arrived(chunk: Uint8Array): void {
    this.#content += latin1(chunk)
    if (!this.#expected.startsWith(this.#content)) this.offences.push(`${this.id}: content of another`)
  }

  #answered(response: ClientResponse): void {
    this.state = 'answered'
    this.#response = response
    const whose = response.headers.get('x-id')
    if (whose !== this.id) this.offences.push(`${this.id} was given the response of ${String(whose)}`)
  }

  #checkWhole(): void {
    if (this.#content === this.#expected) return
    this.offences.push(
      `${this.id}: ${this.#content.length} of ${this.#expected.length} octets, or others, told as whole`,
    )
  }

  #read<T>(reading: Promise<T>, onValue: (value: T) => void): void {
    this.pendingReads += 1
    reading.then(
      (value) => {
        this.pendingReads -= 1
        onValue(value)
      },
      (error: unknown) => {
        this.pendingReads -= 1
        this.#chunks = null
        this.#checkError(error)
      },
    )
  }

  /** The caller's reason, the session's, or an error that says what it was about. */
  #checkError(error: unknown): void {
    if (!this.isHarmed) this.offences.push(`${this.id} fails for no reason: ${String(error)}`)
    if (error === this.#abortReason && this.#controller.signal.aborted) return
    if (this.endReason !== undefined && error === this.endReason) return
    const isOurs = isHttpSessionError(error) && error.code.startsWith('ERR_HTTP_')
    if (isOurs && !(error instanceof RequestError && !error.url.endsWith(`/${this.id}`))) return
    this.offences.push(`${this.id} rejects with ${String(error)}`)
  }

  async *#stream(): AsyncGenerator<string> {
    for (;;) {
      while (this.#pieces.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve))
      const piece = this.#pieces.shift()
      if (piece === null || piece === undefined) return
      yield piece
    }
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}
