/** What happens to requests and connections, as it is told to whoever listens, and how long each step took. */
import type { DialTimings } from './dialling.ts'

/** What each event of a request says. */
export interface RequestEvent {
  /** Milliseconds on the session's clock. */
  readonly at: number
  /** The same for all events of one call, its redirects and retries included; counted from 1 in each session. */
  readonly requestId: number
  /** Of the request that is under way: a redirect may have changed it. */
  readonly method: string
  /** Without user information and fragment. */
  readonly url: string
  /**
   * Times the call's requests had been put on a connection when this one was last: redirects, retries and what middlewares send at once count
   * together.
   */
  readonly attempts: number
}

/** A step of a request. Those on the way to a connection are told together, once the request has it, each with its own time. */
export type RequestStep =
  /** The request asks for a connection. */
  | { readonly type: 'queued' }
  /** It has one that has served others. */
  | { readonly type: 'reused' }
  /** A connection was opened: the name was looked up, an address connected to, a proxy asked, a TLS handshake begun. */
  | { readonly type: 'dns' | 'connect' | 'proxy' | 'tls' }
  /** It has a new connection. */
  | { readonly type: 'connected' }
  /** The last byte of the request was handed over; `byteCount` of content. */
  | { readonly type: 'sent'; readonly byteCount: number }
  /** The first byte of an answer has come, interim ones included. */
  | { readonly type: 'firstByte' }
  /** The final head is there. */
  | { readonly type: 'headers'; readonly status: number }
  /** The whole body has come; `byteCount` of content as it was sent. */
  | { readonly type: 'body'; readonly byteCount: number }
  /** The answer leads to another request, for `location`. */
  | { readonly type: 'redirect'; readonly status: number; readonly location: string }
  /** The request is sent once more. */
  | { readonly type: 'retry' }
  /** It is over before its body's end. */
  | { readonly type: 'failed'; readonly error: unknown }

/** A connection is over. Told to whoever was told that it is `connected`, and to the session that others extend. */
export interface ConnectionClosed {
  readonly type: 'closed'
  /** Milliseconds on the session's clock. */
  readonly at: number
  /** Scheme, host and port. */
  readonly origin: string
  /** Exchanges that it was used for. */
  readonly exchangeCount: number
}

/** Something that has happened. */
export type TraceEvent = (RequestEvent & RequestStep) | ConnectionClosed

/**
 * Listens to what happens. What it throws is thrown again as an error that nobody catches: it cannot harm a request.
 *
 * Where it has `isWanted`, that is asked at each request's beginning and each connection's end: while it says no, the request costs what it costs
 * without a listener.
 */
export interface TraceListener {
  (event: TraceEvent): void
  /** Whether anything is to be told. Default: always. */
  readonly isWanted?: (() => boolean) | undefined
}

/** How long the steps of one exchange took, in milliseconds; `null`: there was none, or it is not over. */
export interface ResponseTimings {
  /** Whether its connection had served others. */
  readonly reused: boolean
  /** From the call to the beginning of the sending: waiting for a connection, or opening it, and all attempts and redirects before. */
  readonly queueMs: number
  /** Looking the name up, for this connection; `null`: a kept one, an address, or a connector that does not tell. So are the next three. */
  readonly dnsMs: number | null
  /** Connecting, all addresses of the name together. */
  readonly connectMs: number | null
  /** What a proxy took to answer. */
  readonly proxyMs: number | null
  /** The TLS handshake; with a proxy that speaks TLS the one through it. */
  readonly tlsMs: number | null
  /** From the first byte of the request to its last. */
  readonly sendMs: number
  /** From the request's last byte to the head of the final response. */
  readonly waitMs: number
  /** From that head to the body's end. */
  readonly bodyMs: number | null
  /** From the call to the body's end. */
  readonly totalMs: number | null
}

/** When the steps of an exchange came, on the session's clock; `NaN`: not yet. */
export class Timeline {
  readonly startedAt: number
  /** `NaN` too where it was the same moment as `sentAt`. */
  sendingAt: number = NaN
  sentAt: number = NaN
  headersAt: number = NaN
  endedAt: number = NaN
  /** Of the connection, where it is new. */
  dial: DialTimings | null = null

  constructor(startedAt: number) {
    this.startedAt = startedAt
  }

  timings(): ResponseTimings {
    const { startedAt, sentAt, headersAt, endedAt, dial } = this
    // A response may come before the request was sent whole.
    const sent = Math.min(Number.isNaN(sentAt) ? headersAt : sentAt, headersAt)
    const sending = Number.isNaN(this.sendingAt) ? sent : this.sendingAt
    return {
      reused: dial === null,
      queueMs: sending - startedAt,
      ...dialSteps(dial),
      sendMs: sent - sending,
      waitMs: headersAt - sent,
      bodyMs: orNull(endedAt - headersAt),
      totalMs: orNull(endedAt - startedAt),
    }
  }
}

/** Tells the events of one call. */
export class RequestTrace {
  readonly #listener: TraceListener
  readonly #requestId: number

  constructor(listener: TraceListener, requestId: number) {
    this.#listener = listener
    this.#requestId = requestId
  }

  tell(
    {
      request,
      attempts,
    }: { readonly request: { readonly method: string; readonly url: string }; readonly attempts: number },
    at: number,
    step: RequestStep,
  ): void {
    const { method, url } = request
    tell(this.#listener, { at, requestId: this.#requestId, method, url, attempts, ...step })
  }
}

/** Tells one event. */
export function tell(listener: TraceListener, event: TraceEvent): void {
  try {
    listener(event)
  } catch (error) {
    throwLater(error)
  }
}

/** As an error that nobody catches: it is the listener's own. */
function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}

/** Whether somebody wants to hear. */
export function isWanted(listener: TraceListener | undefined): listener is TraceListener {
  if (listener === undefined) return false
  try {
    return listener.isWanted?.() ?? true
  } catch (error) {
    throwLater(error)
    return false
  }
}

/** The steps of a dial with their times, in order. */
export function dialEvents(dial: DialTimings): { type: 'dns' | 'connect' | 'proxy' | 'tls'; at: number }[] {
  const { dnsAt, connectAt, proxyAt, tlsAt } = dial
  const events = []
  if (dnsAt !== null) events.push({ type: 'dns', at: dnsAt } as const)
  if (connectAt !== null) events.push({ type: 'connect', at: connectAt } as const)
  if (proxyAt !== null) events.push({ type: 'proxy', at: proxyAt } as const)
  if (tlsAt !== null) events.push({ type: 'tls', at: tlsAt } as const)
  return events.toSorted((one, other) => one.at - other.at)
}

function dialSteps(
  dial: DialTimings | null,
): Pick<ResponseTimings, 'dnsMs' | 'connectMs' | 'proxyMs' | 'tlsMs'> {
  const steps = {
    dnsMs: null as number | null,
    connectMs: null as number | null,
    proxyMs: null as number | null,
    tlsMs: null as number | null,
  }
  if (dial === null) return steps
  const events = dialEvents(dial)
  for (const [index, { type, at }] of events.entries())
    steps[`${type}Ms`] = (events[index + 1]?.at ?? dial.connectedAt) - at
  // A connector that does not tell its steps is one step.
  if (events.length === 0) steps.connectMs = dial.connectedAt - dial.startedAt
  return steps
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value
}
