/**
 * One request on its way to the end of its response: where it is, what it may still take, and why it is given up.
 *
 * Everything that can end an exchange early (the caller's signal, a time limit, the session's end) comes through `cancel`, once; whoever holds
 * the exchange at that moment has said with `onCancel` what to undo. Behind every wait `throwIfCancelled` has to be asked: the wait may have been
 * over when the exchange was cancelled.
 */
import type { FieldSection } from '@x/http1'
import type { ContentDecoding } from './content-decoding.ts'
import type { Deadline, Deadlines } from './deadlines.ts'
import type { DialTimings } from './dialling.ts'
import { TimeoutError } from './errors.ts'
import type { Phase, RequestFacts, Retriable, Sent } from './errors.ts'
import { ProgressMeter } from './progress.ts'
import type { Progress } from './progress.ts'
import type { Redirect } from './redirect-chain.ts'
import { canSendAgain, isReplayable } from './request.ts'
import type { FramedRequest } from './request.ts'
import type { Running } from './running.ts'
import { unwatchSignal, watchSignal } from './signal-watch.ts'
import { dialEvents, isWanted, RequestTrace, Timeline } from './trace.ts'
import type { RequestStep, TraceListener } from './trace.ts'

/** Longest durations in milliseconds, `Infinity` for no limit. */
export interface Timeouts {
  /** Until there is room for another connection or one is free; the time that a connection takes to open does not count. Default: none. */
  readonly queueMs: number
  /** How long a request with `Expect: 100-continue` waits before it sends its content unasked. Default 1,000. */
  readonly continueMs: number
  /** Without the peer taking another piece of a request body: 64 KiB, up to 1 MiB while it takes them at once; or the rest. Default 300,000. */
  readonly sendIdleMs: number
  /** From when the request's last byte was handed to the kernel, or its last piece written, to the head of its final response. Default 300,000. */
  readonly headersMs: number
  /**
   * Without a byte of the response body, whether the peer sends none or nobody takes them; nor a piece of the request's taken, where the response has begun
   * before its end. Default 300,000.
   */
  readonly bodyIdleMs: number
  /** From the call to the last byte of the response body. Default: none. */
  readonly totalMs: number
}

/** A 1xx response: the final one is still to come. RFC 9110 section 15.2. */
export interface InformationalResponse {
  /** 100 to 199, never 101. */
  readonly status: number
  /** May be empty. */
  readonly reasonPhrase: string
  /** Field lines as they came. */
  readonly headers: FieldSection
}

/** What the caller has said about how the exchange is to go. */
export interface ExchangeSettings {
  readonly timeouts: Timeouts
  readonly signal?: AbortSignal | undefined
  readonly onInformational?: ((response: InformationalResponse) => void) | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
  readonly contentDecoding?: ContentDecoding | undefined
  /** Higher goes first where requests wait for a connection. Default 0. */
  readonly priority?: number | undefined
  readonly onTrace?: TraceListener | undefined
}

/** What counts the attempts of all requests of a call, also where several are under way at once. */
export interface AttemptCounter {
  attempts: number
}

interface SentSoFar {
  readonly sent: Sent
}

type Limit = 'QUEUE' | 'SEND_IDLE' | 'HEADERS' | 'BODY_IDLE' | 'TOTAL'

const NO_REDIRECTS: readonly Redirect[] = Object.freeze([])

export class Exchange implements Deadline {
  readonly request: FramedRequest
  phase: Phase = 'queue'
  /** Of its call, when it was put on a connection last. */
  attempts: number
  /** `null`: nothing of its call is under way at the same time. */
  attemptCounter: AttemptCounter | null
  /** Whether content of the request was sent in this attempt, or asked of its source. */
  contentBegun = false
  readonly progress: ProgressMeter
  /** What to do when the session closes; set once the response is the caller's. */
  onSessionClosing: (() => void) | null = null
  /** What to do when it is over, for whatever reason. */
  onEnd: (() => void) | null = null
  /** The redirects that led here. */
  redirects: readonly Redirect[] = NO_REDIRECTS
  /** Kept by `Deadlines`. */
  at: number = Infinity
  /** Kept by `Deadlines`. */
  place: number = -1
  readonly deadlines: Deadlines
  readonly #running: Running
  readonly settings: ExchangeSettings
  readonly timeline: Timeline
  readonly #trace: RequestTrace | null
  /** The end of the total time; told as another reason where it is not a time limit of the caller's. */
  #total: { readonly at: number; readonly instead?: { readonly reason: unknown } }
  #limit: Limit = 'TOTAL'
  #over = false
  #failureTold = false
  #cancelled: { readonly reason: unknown } | null = null
  #undo: ((reason: unknown) => void) | null = null
  #sent: Sent | SentSoFar = 'none'
  /** By the attempts before this one. */
  #sentBefore: Sent
  /** Whether all that was asked for so far may be asked for again. */
  readonly #isRepeatable: boolean

  /**
   * @param before The exchange that this one goes on for: what it took counts here too; or when its call began.
   * @throws `signal.reason` where the signal is aborted already; the reason why everything was given up.
   */
  constructor(
    request: FramedRequest,
    running: Running,
    settings: ExchangeSettings,
    before: Exchange | number | null = null,
  ) {
    const { signal, timeouts } = settings
    const { deadlines } = running
    signal?.throwIfAborted()
    running.beginExchange()
    this.request = request
    this.progress = new ProgressMeter(request.bodyByteCount)
    this.#running = running
    this.deadlines = deadlines
    this.settings = settings
    const former = typeof before === 'object' ? before : null
    const startedAt = typeof before === 'number' ? before : before?.timeline.startedAt
    this.timeline = new Timeline(startedAt ?? deadlines.now())
    if (former !== null) this.#trace = former.#trace
    else
      this.#trace = isWanted(settings.onTrace) ? new RequestTrace(settings.onTrace, running.nextId()) : null
    this.attempts = former === null ? 0 : former.attempts
    this.attemptCounter = former === null ? null : former.attemptCounter
    this.#sentBefore = former === null ? 'none' : former.sent
    this.#isRepeatable = isReplayable(request) && (former === null || former.#isRepeatable)
    if (former !== null) this.redirects = former.redirects
    this.#total = { at: this.timeline.startedAt + timeouts.totalMs }
    watchSignal(signal, this)
    deadlines.set(this, this.#total.at)
  }

  /** The exchange of the request that the answer to this one has led to. @throws As the constructor. */
  followedBy(request: FramedRequest): Exchange {
    return exchangeBehind(this, this.#running, request)
  }

  /** Whether no signal and no limit concerns it any more. */
  get isOver(): boolean {
    return this.#over
  }

  /** Why the exchange was cancelled; `null` while it was not. */
  get cancelled(): { readonly reason: unknown } | null {
    return this.#cancelled
  }

  /** @throws The reason, where the exchange was cancelled. */
  throwIfCancelled(): void {
    if (this.#cancelled !== null) throw this.#cancelled.reason
  }

  /** How much of the request is known to have left, or who knows it as long as that changes. */
  set sent(sent: Sent | SentSoFar) {
    this.#sent = sent
  }

  get sent(): Sent {
    const sent = typeof this.#sent === 'string' ? this.#sent : this.#sent.sent
    return sent === 'none' ? this.#sentBefore : sent
  }

  /** Whether the content can be had again, or was not touched. */
  get canSendAgain(): boolean {
    return !this.contentBegun || canSendAgain(this.request)
  }

  /** Begins the way to a connection, for the first time or again. @throws The reason, where the exchange was cancelled. */
  beginAttempt(): void {
    this.throwIfCancelled()
    this.#sentBefore = this.sent
    this.#sent = 'none'
    this.#undo = null
    this.phase = 'queue'
    this.contentBegun = false
    this.progress.bytesSent = 0
    this.awaitNothing()
    this.trace({ type: 'queued' })
  }

  /** Whether somebody listens to what happens. */
  get isTraced(): boolean {
    return this.#trace !== null
  }

  /** Tells whoever listens. */
  trace(step: RequestStep, at?: number): void {
    if (this.#trace !== null) this.#trace.tell(this, at ?? this.deadlines.now(), step)
  }

  /** Tells whoever listens why it has failed: once. */
  traceFailure(error: unknown): void {
    if (this.#trace === null || this.#failureTold) return
    this.#failureTold = true
    this.trace({ type: 'failed', error })
  }

  /** The request has a connection. @param dial How it was opened; `null`: it has served others. */
  connected(dial: DialTimings | null): void {
    const { attemptCounter } = this
    this.attempts = attemptCounter === null ? this.attempts + 1 : (attemptCounter.attempts += 1)
    this.timeline.dial = dial
    if (this.#trace === null) return
    if (dial === null) return this.trace({ type: 'reused' })
    for (const { type, at } of dialEvents(dial)) this.trace({ type }, at)
    this.trace({ type: 'connected' }, dial.connectedAt)
  }

  /** Nothing is due from the peer: only the total time is limited. */
  awaitNothing(): void {
    this.#arm('TOTAL', Infinity)
  }

  /** There is no room for another connection. */
  awaitRoom(leftMs: number = this.settings.timeouts.queueMs): void {
    this.#arm('QUEUE', leftMs)
  }

  /** The peer is to take what was written, again and again. */
  awaitTaking(): void {
    this.#arm('SEND_IDLE', this.settings.timeouts.sendIdleMs)
  }

  /** The request has left: the response's head is due. */
  awaitHead(): void {
    const now = this.deadlines.now()
    this.timeline.sentAt = now
    this.#armAt('HEADERS', now + this.settings.timeouts.headersMs)
    this.trace({ type: 'sent', byteCount: this.progress.bytesSent }, now)
  }

  /** The head of the final response is there. */
  headArrived(status: number): void {
    const now = this.deadlines.now()
    this.timeline.headersAt = now
    this.trace({ type: 'headers', status }, now)
  }

  /** All content has come. @param when `now`: together with the head. */
  contentEnded(when: 'now' | 'later'): void {
    const { timeline } = this
    timeline.endedAt = when === 'now' ? timeline.headersAt : this.deadlines.now()
    this.trace({ type: 'body', byteCount: this.progress.bytesReceived }, timeline.endedAt)
  }

  /** Content is due, again and again. */
  awaitContent(): void {
    this.#arm('BODY_IDLE', this.settings.timeouts.bodyIdleMs)
  }

  /** What is left is worth `ms` milliseconds and no more: then the exchange is cancelled for `reason`. */
  endWithin(ms: number, reason: unknown): void {
    this.#total = { at: Math.min(this.#total.at, this.deadlines.now() + ms), instead: { reason } }
    this.awaitNothing()
  }

  /** Somebody waits: until `letGo` the time limits keep the process alive. */
  hold(): void {
    this.deadlines.hold()
  }

  /** Takes one `hold` back. */
  letGo(): void {
    this.deadlines.letGo()
  }

  /** What `cancel` has to undo from now on. An exchange that was cancelled already is undone at once. */
  onCancel(undo: ((reason: unknown) => void) | null): void {
    if (this.#cancelled !== null) undo?.(this.#cancelled.reason)
    else this.#undo = undo
  }

  /** Gives the exchange up: everything that waits for it rejects with `reason`. Only the first counts. */
  cancel(reason: unknown): void {
    if (this.#over) return
    this.#cancelled = { reason }
    this.end()
    this.#undo?.(reason)
    this.#undo = null
  }

  /** A 1xx response has come. What the caller's callback throws cancels the exchange. */
  informationalArrived(response: InformationalResponse): void {
    try {
      this.settings.onInformational?.(response)
    } catch (error) {
      this.cancel(error)
    }
  }

  /** Content was sent or has come, as `progress` tells. What the caller's callback throws cancels the exchange. */
  progressed(isEnd: boolean): void {
    const { onProgress } = this.settings
    if (onProgress === undefined || this.#over) return
    const news = this.progress.news(this.deadlines.now(), isEnd)
    if (news === null) return
    try {
      onProgress(news)
    } catch (error) {
      this.cancel(error)
    }
  }

  /** The response is complete or has failed: no signal and no limit concerns it any more. */
  end(): void {
    if (this.#over) return
    this.#over = true
    unwatchSignal(this.settings.signal, this)
    this.deadlines.clear(this)
    this.#running.endExchange()
    this.onEnd?.()
  }

  /** The caller's signal is aborted. */
  handleEvent(): void {
    this.cancel(this.settings.signal?.reason)
  }

  /** The session closes. */
  discardUnread(): void {
    this.onSessionClosing?.()
  }

  onDeadline(): void {
    const { instead } = this.#total
    if (this.#limit === 'TOTAL' && instead !== undefined) return this.cancel(instead.reason)
    const { totalMs, queueMs, sendIdleMs, headersMs, bodyIdleMs } = this.settings.timeouts
    const limits = {
      TOTAL: totalMs,
      QUEUE: queueMs,
      SEND_IDLE: sendIdleMs,
      HEADERS: headersMs,
      BODY_IDLE: bodyIdleMs,
    }
    this.cancel(new TimeoutError(this.facts(), `ERR_HTTP_TIMEOUT_${this.#limit}`, limits[this.#limit]))
  }

  /** What an error tells about this exchange. */
  facts(retriable: Retriable = this.#isRepeatable ? 'idempotent' : 'no'): RequestFacts {
    const { method, url } = this.request
    const { sent } = this
    return {
      method,
      url,
      phase: this.phase,
      retriable: sent === 'none' ? 'safe' : retriable,
      sent,
      attempts: this.attempts,
      elapsedMs: Math.round(this.deadlines.now() - this.timeline.startedAt),
    }
  }

  #arm(limit: Limit, limitMs: number): void {
    this.#armAt(limit, limitMs === Infinity ? Infinity : this.deadlines.now() + limitMs)
  }

  #armAt(limit: Limit, at: number): void {
    if (this.#over) return
    this.#limit = at < this.#total.at ? limit : 'TOTAL'
    this.deadlines.set(this, Math.min(at, this.#total.at))
  }
}

/** Not within the class: bundlers rename a class whose body names it, and stacks would show that name. */
function exchangeBehind(former: Exchange, running: Running, request: FramedRequest): Exchange {
  return new Exchange(request, running, former.settings, former)
}
