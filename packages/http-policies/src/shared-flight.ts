/**
 * One exchange for several callers. The first one leads: its response streams to it as it comes, while the content is kept for the others, who get
 * theirs when it is whole.
 *
 * The content is read ahead of the leader up to `maxBodyBytes`: others do not wait for a leader who is slow. Where it is longer, or takes too long,
 * it is the leader's alone from there on, at its own pace.
 */
import { isHttpSessionError } from '@x/http-session'
import type { ClientRequest, ClientResponse } from '@x/http-session'

/** What the others get. `again`: the leader has gone, somebody else has to lead. `alone`: each sends a request of its own. */
export type FlightEnd =
  | { readonly kind: 'shared'; readonly response: ClientResponse; readonly content: Uint8Array }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'again' | 'alone' }

export interface FlightLimits {
  readonly maxBodyBytes: number
  readonly maxCollectMs: number
}

/** They end the leader's request for its own reasons. */
const LEADERS_OWN: ReadonlySet<string> = new Set(['ERR_HTTP_TIMEOUT_TOTAL', 'ERR_HTTP_SESSION_CLOSED'])

export class SharedFlight {
  /** How it ends for those who do not lead. */
  readonly ended: Promise<FlightEnd>
  readonly #leader: ClientRequest
  readonly #limits: FlightLimits
  readonly #onEnd: () => void
  #end: ((end: FlightEnd) => void) | null = null
  #collectsUntil = Infinity
  #content: LeadersContent | null = null
  #waitingCount = 0

  /** @param onEnd Called once, when nobody may join any more. */
  constructor(leader: ClientRequest, limits: FlightLimits, onEnd: () => void) {
    this.#leader = leader
    this.#limits = limits
    this.#onEnd = onEnd
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  /** Somebody waits for the end. */
  join(now: number): void {
    this.#waitingCount += 1
    if (now > this.#collectsUntil) this.end({ kind: 'alone' })
  }

  /** Somebody waits no longer. */
  leave(): void {
    this.#waitingCount -= 1
    this.#content?.checkNeed()
  }

  /** Whether anybody but the leader needs the content. */
  get isAwaited(): boolean {
    return this.#end !== null && this.#waitingCount > 0
  }

  /** Only the first end counts. */
  end(end: FlightEnd): void {
    if (this.#end === null) return
    this.#end(end)
    this.#end = null
    this.#onEnd()
  }

  /** The leader's request or its content has failed. */
  fail(error: unknown): void {
    const isOwn = isHttpSessionError(error) && LEADERS_OWN.has(error.code)
    this.end(isOwn || this.#leader.signal?.aborted === true ? { kind: 'again' } : { kind: 'failed', error })
  }

  /** The content for the leader; the others get theirs when it is whole. @param response This one's from now on. */
  carry(response: ClientResponse): AsyncIterableIterator<Uint8Array, undefined> {
    const { maxBodyBytes, maxCollectMs } = this.#limits
    this.#collectsUntil = this.#leader.now() + maxCollectMs
    this.#content = new LeadersContent(response, this, {
      goesOn: (byteCount) => byteCount <= maxBodyBytes && this.#leader.now() <= this.#collectsUntil,
    })
    return this.#content
  }
}

/** What the leader reads. */
class LeadersContent implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #response: ClientResponse
  readonly #flight: SharedFlight
  readonly #chunks: AsyncIterator<Uint8Array, unknown>
  readonly #goesOn: (byteCount: number) => boolean
  /** What has come; what the leader has taken is left out once nobody else needs it. */
  readonly #kept: (Uint8Array | null)[] = []
  #takenCount = 0
  #state: 'collecting' | 'leaders' | 'whole' | 'failed' = 'collecting'
  #failure: unknown
  #onNews: (() => void) | null = null
  #isLeft = false

  constructor(
    response: ClientResponse,
    flight: SharedFlight,
    { goesOn }: { readonly goesOn: (byteCount: number) => boolean },
  ) {
    this.#response = response
    this.#flight = flight
    this.#chunks = response[Symbol.asyncIterator]()
    this.#goesOn = goesOn
    void this.#collect()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    while (this.#takenCount === this.#kept.length && this.#state === 'collecting' && !this.#isLeft)
      await new Promise<void>((resolve) => (this.#onNews = resolve))
    if (this.#isLeft) return { done: true, value: undefined }
    if (this.#takenCount < this.#kept.length) return { done: false, value: this.#take() }
    if (this.#state === 'failed') throw this.#failure
    const step = this.#state === 'leaders' ? await this.#chunks.next() : null
    return step === null || step.done === true
      ? { done: true, value: undefined }
      : { done: false, value: step.value }
  }

  /** Ends a `next` that waits, too. */
  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#isLeft = true
    this.#tellLeader()
    this.checkNeed()
    return Promise.resolve({ done: true, value: undefined })
  }

  /** Gives the response up where nobody needs it. */
  checkNeed(): void {
    if (!this.#isLeft || this.#flight.isAwaited) return
    this.#flight.end({ kind: 'again' })
    this.#response.discard()
  }

  async #collect(): Promise<void> {
    let byteCount = 0
    try {
      for (;;) {
        const step = await this.#chunks.next()
        if (step.done === true) break
        this.#kept.push(step.value)
        byteCount += step.value.length
        if (!this.#goesOn(byteCount)) return this.#giveToLeader()
        this.#tellLeader()
      }
      const content = this.#flight.isAwaited ? joined(this.#kept, byteCount) : new Uint8Array(0)
      this.#become('whole')
      this.#flight.end({ kind: 'shared', response: this.#response, content })
    } catch (error) {
      this.#failure = error
      this.#become('failed')
      this.#flight.fail(error)
    }
  }

  #giveToLeader(): void {
    this.#flight.end({ kind: 'alone' })
    this.#become('leaders')
    this.#kept.fill(null, 0, this.#takenCount)
    this.checkNeed()
  }

  #become(state: 'leaders' | 'whole' | 'failed'): void {
    this.#state = state
    this.#tellLeader()
  }

  #tellLeader(): void {
    this.#onNews?.()
    this.#onNews = null
  }

  #take(): Uint8Array {
    const index = this.#takenCount++
    const chunk = this.#kept[index]!
    // Its own: what the leader does to it is not for the others.
    if (this.#state === 'collecting') return chunk.slice()
    this.#kept[index] = null
    return chunk
  }
}

/** Nothing of it was left out yet. */
function joined(chunks: readonly (Uint8Array | null)[], byteCount: number): Uint8Array {
  const all = new Uint8Array(byteCount)
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk!, at)
    at += chunk!.length
  }
  return all
}
