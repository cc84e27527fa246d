/** Server-sent events (the HTML standard, section 9.2) as an async iterable that reconnects by itself. */
import { HttpSessionError } from '@x/http-session'
import type { ClientResponse, ClientSession, Clock, HeadersInit, RequestOptions } from '@x/http-session'
import { EventStreamError } from './errors.ts'
import { EventStreamParser } from './event-stream-parser.ts'
import type { EventStreamLimits, ServerSentEvent } from './event-stream-parser.ts'
import { checkCount, checkFunction, checkNumber, invalidOption, refuseUnknown } from './options.ts'
import { mayPass, planReconnection } from './reconnection.ts'
import type { StreamEnding } from './reconnection.ts'
import { platformTimers, waitFor } from './timers.ts'

/** What `eventSource` can be told. */
export interface EventSourceOptions {
  /** Default GET. */
  method?: string
  /**
   * Of each request. A body must be one that can be had again. Default of `timeouts`: no `totalMs`, and the session's `bodyIdleMs`, after which a
   * silent server is asked anew.
   */
  request?: Omit<RequestOptions, 'signal' | 'throwOnStatus'>
  /** Ends the stream: it throws `signal.reason`. */
  signal?: AbortSignal
  /** Where to go on: the last id that was seen. Default: none. */
  lastEventId?: string
  /** How long to wait before a reconnection, until the server says otherwise (`retry`). Less than 100, of either, counts as 100. Milliseconds; default 3,000. */
  retryMs?: number
  /** Failures in a row double the wait up to so long; it cuts no longer wait that the server asks for. Milliseconds; default 60,000. */
  maxRetryMs?: number
  /**
   * Connections in a row that may fail, of which no stream came or one that broke off before its first event; the next failure is thrown. Only an
   * event ends the row. Default: any number.
   */
  maxFailures?: number
  /** Longest line, in bytes. Default 1 MiB. */
  maxLineBytes?: number
  /** Longest event, all its lines together, in bytes. Default 8 MiB. */
  maxEventBytes?: number
  /** Called with the head of each stream. What it throws ends the stream. */
  onOpen?: (response: ClientResponse) => void
  /** Of the waiting between connections; the session's is not known here. Default: the platform's timers. */
  clock?: Pick<Clock, 'setTimer'>
  /** 0 to below 1. Default `Math.random`. */
  random?: () => number
}

const KNOWN: ReadonlySet<string> = new Set<keyof EventSourceOptions>([
  'method',
  'request',
  'signal',
  'lastEventId',
  'retryMs',
  'maxRetryMs',
  'maxFailures',
  'maxLineBytes',
  'maxEventBytes',
  'onOpen',
  'clock',
  'random',
])

type Settings = Required<Omit<EventSourceOptions, 'signal' | 'onOpen'>> & {
  readonly limits: EventStreamLimits
  readonly onOpen: EventSourceOptions['onOpen']
}

/**
 * Asks for a stream of events, and again with `Last-Event-ID` whenever it ends or breaks off. Nothing is asked for before the first `next`.
 *
 * It ends with a 204. It throws EventStreamError for any other status than 200, another type than `text/event-stream`, and a limit; the request's own
 * error where that will not pass (a certificate, a blocked address, a redirect that is refused), or `maxFailures` times has not.
 *
 * @param session Of which only `request` is used.
 * @throws {UsageError} INVALID_OPTION.
 */
export function eventSource(
  session: Pick<ClientSession, 'request'>,
  url: string | URL,
  options: EventSourceOptions = {},
): EventStream {
  return new EventStream(session, String(url), settingsOf(options), options.signal)
}

/** The events, in order, of one connection after the other. To leave the loop closes the connection. */
export class EventStream implements AsyncIterableIterator<ServerSentEvent, undefined> {
  readonly #session: Pick<ClientSession, 'request'>
  readonly #url: string
  readonly #settings: Settings
  readonly #signal: AbortSignal | undefined
  readonly #stop = new AbortController()
  readonly #events: AsyncGenerator<ServerSentEvent, undefined, undefined>
  #parser: EventStreamParser
  #retryMs: number
  /** Since the last event. */
  #failures = 0
  /** Whether the stream that is read has given any. */
  #hasEvents = false
  #isLeft = false

  /** Made by `eventSource`. */
  constructor(
    session: Pick<ClientSession, 'request'>,
    url: string,
    settings: Settings,
    signal: AbortSignal | undefined,
  ) {
    this.#session = session
    this.#url = url
    this.#settings = settings
    this.#signal = signal
    this.#parser = new EventStreamParser(settings.limits, settings.lastEventId, url)
    this.#retryMs = settings.retryMs
    this.#events = this.#run()
  }

  /** The last id that the server has given: where another stream could go on. Empty: none. */
  get lastEventId(): string {
    return this.#parser.lastEventId
  }

  /** The next event; reconnects on the way. Rejects with what `eventSource` says, and with `signal.reason`. */
  next(): Promise<IteratorResult<ServerSentEvent, undefined>> {
    return this.#events.next()
  }

  /** Ends the stream and closes its connection, also while somebody waits in `next`, who is told of the end. */
  return(): Promise<IteratorResult<ServerSentEvent, undefined>> {
    this.#isLeft = true
    this.#stop.abort()
    return this.#events.return(undefined)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async *#run(): AsyncGenerator<ServerSentEvent, undefined, undefined> {
    const signal = this.#signal
    const onAbort = (): void => this.#stop.abort(signal?.reason)
    signal?.addEventListener('abort', onAbort)
    if (signal?.aborted === true) onAbort()
    try {
      yield* this.#connections()
    } catch (error) {
      if (!this.#isLeft) throw error
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
    return undefined
  }

  async *#connections(): AsyncGenerator<ServerSentEvent, undefined, undefined> {
    const { clock, random, maxRetryMs, maxFailures } = this.#settings
    for (;;) {
      const { ending, error } = yield* this.#connection()
      const retryMs = this.#retryMs
      const failures = this.#failures
      const facts = { ending, failures, retryMs, maxRetryMs, maxFailures, random: random() }
      const plan = planReconnection(facts)
      if (plan.kind === 'end') return undefined
      if (plan.kind === 'fail') throw error
      this.#failures = plan.failures
      await waitFor(plan.delayMs, clock, this.#stop.signal)
    }
  }

  /** The events of one connection; then how it ended. @throws What will not pass. */
  async *#connection(): AsyncGenerator<
    ServerSentEvent,
    { ending: StreamEnding; error?: unknown },
    undefined
  > {
    let response
    try {
      response = await this.#request()
    } catch (error) {
      this.#stop.signal.throwIfAborted()
      if (!(error instanceof HttpSessionError)) throw error
      return { ending: { kind: 'failed', code: error.code }, error }
    }
    if (response.status === 204) {
      response.discard()
      return { ending: { kind: 'refused' } }
    }
    try {
      checkStream(response)
      this.#settings.onOpen?.(response)
    } catch (error) {
      response.discard()
      throw error
    }
    this.#parser = new EventStreamParser(this.#settings.limits, this.lastEventId, response.url)
    this.#hasEvents = false
    try {
      yield* this.#read(response)
    } catch (error) {
      this.#stop.signal.throwIfAborted()
      if (!(error instanceof HttpSessionError) || !mayPass(error.code)) throw error
      const { code } = error
      // Silence is what a server without news has to say; to wait for that was pause enough.
      if (!this.#hasEvents && code !== 'ERR_HTTP_TIMEOUT_BODY_IDLE')
        return { ending: { kind: 'failed', code }, error }
    }
    return { ending: { kind: 'ended' } }
  }

  async *#read(response: ClientResponse): AsyncGenerator<ServerSentEvent, void, undefined> {
    const parser = this.#parser
    for await (const chunk of response) {
      for (const event of parser.push(chunk)) {
        this.#retryMs = parser.retryMs ?? this.#retryMs
        this.#hasEvents = true
        this.#failures = 0
        yield event
      }
      this.#retryMs = parser.retryMs ?? this.#retryMs
    }
  }

  #request(): Promise<ClientResponse> {
    const { method, request } = this.#settings
    const { headers, timeouts, ...rest } = request
    return this.#session.request(method, this.#url, {
      ...rest,
      headers: fieldsWith(headers ?? [], this.lastEventId),
      timeouts: { totalMs: Infinity, ...timeouts },
      throwOnStatus: false,
      signal: this.#stop.signal,
    })
  }
}

/** @throws {EventStreamError} STATUS, TYPE. */
function checkStream(response: ClientResponse): void {
  const { status, url, headers } = response
  const type = headers.get('content-type')
  const isStream = /^text\/event-stream[ \t]*(?:;|$)/i.test(type ?? '')
  if (status === 200 && isStream) return
  if (status !== 200)
    throw new EventStreamError('ERR_HTTP_EVENT_STATUS', {
      url,
      status,
      why: `status ${status} in place of a stream`,
    })
  const why = `the type is ${type ?? 'not said'}, not text/event-stream`
  throw new EventStreamError('ERR_HTTP_EVENT_TYPE', { url, status, why })
}

/** The caller's fields, and those of a stream that the caller has neither set nor left out. */
function fieldsWith(headers: HeadersInit, lastEventId: string): HeadersInit {
  const isList = Symbol.iterator in headers
  const given: [string, string | readonly string[] | undefined][] = isList
    ? Array.from(headers, ([name, value]) => [name, value])
    : Object.entries(headers)
  const own = new Set(given.map(([name]) => name.toLowerCase()))
  const added: [string, string][] = []
  if (!own.has('accept')) added.push(['Accept', 'text/event-stream'])
  if (!own.has('cache-control')) added.push(['Cache-Control', 'no-store'])
  const isResumed = lastEventId !== ''
  if (isResumed) added.push(['Last-Event-ID', octetsOf(lastEventId)])
  const kept = given.filter(([name]) => !isResumed || name.toLowerCase() !== 'last-event-id')
  const fields = [...kept, ...added]
  return isList ? (fields as [string, string][]) : Object.fromEntries(fields) // a list's values are text
}

/** As UTF-8, as the standard asks: one octet a character. */
function octetsOf(text: string): string {
  let octets = ''
  for (const octet of new TextEncoder().encode(text)) octets += String.fromCharCode(octet)
  return octets
}

function settingsOf(options: EventSourceOptions): Settings {
  refuseUnknown('eventSource', options, KNOWN)
  const { method = 'GET', request = {}, lastEventId = '', clock = platformTimers, onOpen } = options
  if (typeof lastEventId !== 'string' || /[\0\r\n]/.test(lastEventId))
    throw invalidOption('lastEventId', 'must be a text of one line')
  const maxLineBytes = checkCount('maxLineBytes', options.maxLineBytes ?? 1_048_576, 1)
  const maxEventBytes = checkCount('maxEventBytes', options.maxEventBytes ?? 8_388_608, 1)
  return {
    method,
    request,
    lastEventId,
    retryMs: checkNumber('retryMs', options.retryMs ?? 3000, 0, Infinity),
    maxRetryMs: checkNumber('maxRetryMs', options.maxRetryMs ?? 60_000, 0, Infinity),
    maxFailures: checkCount('maxFailures', options.maxFailures ?? Infinity, 0),
    maxLineBytes,
    maxEventBytes,
    limits: { maxLineBytes, maxEventBytes },
    onOpen: onOpen === undefined ? undefined : checkFunction('onOpen', onOpen),
    clock,
    random: checkFunction('random', options.random ?? Math.random),
  }
}
