/**
 * A connector whose servers are in memory, for tests of programs that use a session: requests and answers go over the wire as bytes, through
 * transport, reader, writer and HTTP/1.1 as they are; only the network is not there. TLS is not spoken: https is told apart by the URL alone.
 */
import { memoryConnections } from '@x/streams/memory'
import type { MemoryConnections } from '@x/streams/memory'
import { platformClock } from './clock.ts'
import { UsageError } from './errors.ts'
import { inspectAs } from './inspection.ts'
import type { MockBytes, MockEnding, MockReply, MockReplyInit } from './mock-reply.ts'
import { MockRequest, originOf } from './mock-request.ts'
import { MockError, MockRoute, route, unexpected } from './mock-route.ts'
import type { MockAnswer, MockMatcher, MockRouteOptions, MockStep } from './mock-route.ts'
import { serve } from './mock-serving.ts'
import type { Respond } from './mock-serving.ts'
import { checkTape, forwardedFields, isRequestOf, replyOf, tapeExchange } from './mock-tape.ts'
import type { Tape, TapeBody, TapeExchange, TapeFields } from './mock-tape.ts'
import { refuseUnknown } from './options.ts'
import type { ByteReader, ByteStream, ByteWriter, Clock, CloseReason, Connector, Decoder } from './ports.ts'
import { ClientSession } from './session.ts'
import { answerOf } from './tape-answer.ts'
import { secretFields } from './tape-secrets.ts'

export { MockError, MockRequest, MockRoute }
export type {
  MockAnswer,
  MockBytes,
  MockEnding,
  MockMatcher,
  MockReply,
  MockReplyInit,
  MockRouteOptions,
  Tape,
  TapeBody,
  TapeExchange,
  TapeFields,
}

/** What `mockConnector` can be told. */
export interface MockOptions {
  /** What delays of replies pass on. Default: the platform's. */
  clock?: Clock
}

/** A connector in memory and what it has seen. */
export interface MockConnector {
  /** For the session's option `connector`. */
  readonly connector: Connector
  /**
   * Prepares for requests. Where several routes match, the one that was made first answers, until it has answered `times`.
   *
   * @param method `*` for any.
   * @throws {UsageError} INVALID_METHOD, INVALID_URL, INVALID_OPTION.
   */
  on(method: string, matcher: MockMatcher, options?: MockRouteOptions): MockRoute
  /** Lets no connection to an origin come about. @throws {UsageError} INVALID_URL. */
  refuse(origin: string | URL): void
  /** The requests that have come, whole, in that order; those too that nobody expected. Kept until `clear`. */
  readonly requests: readonly MockRequest[]
  /** Connections that were opened. */
  readonly connectionCount: number
  /** Forgets the requests, not the routes. */
  clear(): void
  /**
   * Says whether all has come as it was expected: for the end of a test.
   *
   * @throws {MockError} UNEXPECTED: a request came that nobody expected. PENDING: one that was expected did not come.
   */
  verify(): void
}

/** What `record` can be told. */
export interface RecordOptions {
  /**
   * Names of fields whose values are not recorded, besides those that are named like secrets: `Authorization`, `Cookie`, `Set-Cookie`, `X-Api-Key`,
   * `X-Auth-Token` and the like. Of URLs, also in `Location` and `Link`, the values of parameters that are named so are never recorded. Bodies are.
   */
  redact?: readonly string[]
}

/** A connector that goes between a session and another connector, and what has passed. */
export interface Recorder {
  /** For the session. */
  readonly connector: Connector
  /** Grows with each answer. */
  readonly tape: Tape
  /** Closes the connections of the connector behind. */
  close(): Promise<void>
}

/** What `replay` can be told. */
export interface ReplayOptions extends MockOptions {
  /** What has to be the same as in the recorded request. Default `url and body`; the method always has to. */
  match?: 'url' | 'url and body'
}

const KNOWN: ReadonlySet<string> = new Set<keyof MockOptions>(['clock'])
const KNOWN_OF_RECORDING: ReadonlySet<string> = new Set<keyof RecordOptions>(['redact'])
const KNOWN_OF_REPLAY: ReadonlySet<string> = new Set<keyof ReplayOptions>(['clock', 'match'])
/** Microtasks without progress after which a client is taken not to read. */
const PATIENCE = 1000

/** Makes a connector that answers by itself. @throws {UsageError} INVALID_OPTION. */
export function mockConnector(options: MockOptions = {}): MockConnector {
  refuseUnknown('a mock', options, KNOWN)
  const { clock = platformClock } = options
  const routes: MockRoute[] = []
  const refused = new Set<string>()
  let [requests, surprises]: [MockRequest[], MockError[]] = [[], []]
  let connectionCount = 0
  const dial = memoryDial(clock, (request) => {
    requests.push(request)
    const step = route(routes, request)
    if (step !== null) return step
    const error = unexpected(request, routes)
    surprises.push(error)
    throw error
  })
  const mock: MockConnector = {
    connector: async (target, dialOptions) => {
      const origin = originOf(target)
      if (refused.has(origin)) throw refusal(origin)
      const stream = await dial(target, dialOptions)
      connectionCount += 1
      return stream
    },
    on(method, matcher, routeOptions) {
      const made = new MockRoute(method, matcher, routeOptions)
      routes.push(made)
      return made
    },
    refuse: (origin) => void refused.add(checkedOrigin(origin)),
    get requests() {
      return requests
    },
    get connectionCount() {
      return connectionCount
    },
    clear: () => void ([requests, surprises] = [[], []]),
    verify: () => verify(routes, surprises),
  }
  inspectAs(mock, 'MockConnector', () => {
    const asked = requests.map(({ method, url }) => `${method} ${url}`)
    return { routes: routes.map(({ name }) => name), requests: asked, connectionCount }
  })
  return mock
}

/**
 * Records what goes through a connector, exchange by exchange: each request is taken whole, sent, and its answer given back when that is whole, or
 * was cut within its body. A request that fails in another way is not recorded.
 *
 * @throws {UsageError} INVALID_OPTION.
 */
export function record(connector: Connector, options: RecordOptions = {}): Recorder {
  refuseUnknown('record', options, KNOWN_OF_RECORDING)
  const secrets = secretFields(options.redact ?? [])
  const exchanges: TapeExchange[] = []
  // Nothing is to be sent but what the request says.
  const defaults = { accept: undefined, 'user-agent': undefined }
  const upstream = new ClientSession({
    connector,
    headers: defaults,
    contentDecoding: false,
    maxRedirects: 0,
  })
  const respond = async (request: MockRequest): Promise<MockStep> => {
    const { method, url, headers, body } = request
    const response = await upstream.request(method, url, {
      headers: forwardedFields(headers),
      body: body.length === 0 ? null : body,
    })
    const answer = await answerOf(response, method)
    const exchange = tapeExchange(request, answer, secrets)
    exchanges.push(exchange)
    return {
      kind: 'reply',
      reply: replyOf({ ...exchange, response: { ...exchange.response, headers: answer.headers } }),
    }
  }
  return {
    connector: memoryDial(platformClock, respond),
    tape: { version: 1, exchanges },
    close: () => upstream.close({ graceMs: 0 }),
  }
}

/**
 * Answers as it was recorded: each exchange of the tape once, those of the same request in their order. What the tape does not have is an error;
 * routes for it can be added.
 *
 * @throws {UsageError} INVALID_OPTION.
 */
export function replay(tape: Tape, options: ReplayOptions = {}): MockConnector {
  refuseUnknown('replay', options, KNOWN_OF_REPLAY)
  const { match = 'url and body', ...rest } = options
  if (match !== 'url' && match !== 'url and body')
    throw new UsageError('ERR_HTTP_INVALID_OPTION', 'option match: must be "url" or "url and body"')
  const mock = mockConnector(rest)
  for (const exchange of checkTape(tape).exchanges) {
    const { method, url } = exchange.request
    const matcher = { [url]: (asked: MockRequest) => isRequestOf(exchange, asked, match) }[url]!
    const { reasonPhrase, ...reply } = replyOf(exchange)
    mock
      .on(method, matcher, { times: 1 })
      .reply(reply.status, { ...initOf(reply), ...(reasonPhrase === undefined ? {} : { reasonPhrase }) })
  }
  return mock
}

function initOf({ status: _status, ...init }: MockReply): MockReplyInit {
  return init
}

/** Opens connections whose other ends `respond` serves. */
function memoryDial(clock: Clock, respond: Respond): Connector {
  return async function connectInMemory(target, { signal }) {
    signal.throwIfAborted()
    const pair = memoryConnections()
    const client = new MockStream(pair)
    void serve(
      {
        target,
        stream: pair.server,
        clock,
        delivered: () => delivered(pair),
        reset: () => pair.serverToClient.reset(),
        fail: (error) => client.fail(error),
      },
      respond,
    )
    return client
  }
}

/** The client's end: fails with an error of the mock as it is, not as the cause of another one. */
class MockStream implements ByteStream {
  readonly reader: ByteReader
  readonly writer: ByteWriter
  readonly closed: Promise<CloseReason>
  readonly #pair: MemoryConnections
  #failure: { readonly error: unknown } | null = null

  constructor(pair: MemoryConnections) {
    const { reader, writer, closed } = pair.client
    this.#pair = pair
    this.writer = writer
    this.closed = closed
    const decode = <T>(decoder: Decoder<T>, options?: { limit?: number }): Promise<T> =>
      reader.decode(decoder, options).catch((error: unknown) => {
        throw this.#failure === null ? error : this.#failure.error
      })
    this.reader = {
      get bufferedByteCount() {
        return reader.bufferedByteCount
      },
      get atEof() {
        return reader.atEof
      },
      decode,
    }
  }

  fail(error: unknown): void {
    this.#failure = { error }
    this.#pair.client.abort(error)
  }

  close(): Promise<void> {
    return this.#pair.client.close()
  }

  abort(reason?: unknown): void {
    this.#pair.client.abort(reason)
  }
}

async function delivered({ server, serverToClient }: MemoryConnections): Promise<void> {
  await server.writer.flush()
  const { bytesWritten } = server.info
  let before = -1
  for (let idle = 0; idle < PATIENCE && serverToClient.deliveredByteCount < bytesWritten; idle++) {
    if (serverToClient.deliveredByteCount !== before) idle = 0
    before = serverToClient.deliveredByteCount
    await Promise.resolve()
  }
}

function verify(routes: readonly MockRoute[], surprises: readonly MockError[]): void {
  const [surprise] = surprises
  if (surprise !== undefined) throw surprise
  const missing = routes.filter(({ missingCount }) => missingCount > 0)
  if (missing.length === 0) return
  const names = missing.map(({ name, missingCount }) => `${name} (${missingCount} more)`)
  throw new MockError('ERR_HTTP_MOCK_PENDING', `requests that did not come: ${names.join(', ')}`)
}

function checkedOrigin(origin: string | URL): string {
  if (URL.canParse(String(origin))) return new URL(String(origin)).origin
  throw new UsageError('ERR_HTTP_INVALID_URL', `not a URL: ${String(origin)}`)
}

/** As Node tells it. */
function refusal(origin: string): Error {
  return Object.assign(new Error(`connect ECONNREFUSED ${origin}`), {
    code: 'ECONNREFUSED',
    syscall: 'connect',
  })
}
