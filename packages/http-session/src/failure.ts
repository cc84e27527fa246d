/** From what a lower layer rejected with to what the caller gets. Errors of other packages are known by their `code`, never by their class. */
import {
  BodyError,
  ConnectError,
  ConnectionLostError,
  DnsError,
  isHttpSessionError,
  ProtocolError,
  TimeoutError,
  TlsError,
} from './errors.ts'
import type { Exchange } from './exchange.ts'

/** What may be known of an error whose class nobody here knows. */
interface ForeignError {
  readonly code?: unknown
  readonly phase?: unknown
  readonly limit?: unknown
  readonly limitMs?: unknown
}

function read(error: unknown): ForeignError {
  return error ?? {}
}

/** No connection came about. */
export function connectFailure(exchange: Exchange, cause: unknown): unknown {
  if (exchange.cancelled !== null) return exchange.cancelled.reason
  if (isHttpSessionError(cause)) return cause
  const { code, phase, limitMs } = read(cause)
  switch (code) {
    case 'ERR_TRANSPORT_DNS_NOTFOUND':
      exchange.phase = 'dns'
      return new DnsError(exchange.facts(), 'ERR_HTTP_DNS_NOTFOUND', cause)
    case 'ERR_TRANSPORT_DNS_FAILED':
      exchange.phase = 'dns'
      return new DnsError(exchange.facts(), 'ERR_HTTP_DNS_FAILED', cause)
    case 'ERR_TRANSPORT_TLS_HANDSHAKE':
    case 'ERR_TRANSPORT_TLS_CONTEXT':
      exchange.phase = 'tls'
      return new TlsError(exchange.facts(), 'ERR_HTTP_TLS_HANDSHAKE', cause)
    case 'ERR_TRANSPORT_TLS_CERT':
      exchange.phase = 'tls'
      return new TlsError(exchange.facts(), 'ERR_HTTP_TLS_CERT', cause)
    case 'ERR_TRANSPORT_TIMEOUT':
      exchange.phase = phase === 'dns' || phase === 'tls' ? phase : 'connect'
      return new TimeoutError(exchange.facts(), TIMEOUTS[exchange.phase], Number(limitMs), cause)
    default:
      exchange.phase = 'connect'
      return new ConnectError(
        exchange.facts(),
        cause,
        code === 'ERR_TRANSPORT_ADDRESS_BLOCKED' ? 'ERR_HTTP_ADDRESS_BLOCKED' : 'ERR_HTTP_CONNECT_FAILED',
      )
  }
}

const TIMEOUTS = {
  dns: 'ERR_HTTP_TIMEOUT_DNS',
  connect: 'ERR_HTTP_TIMEOUT_CONNECT',
  tls: 'ERR_HTTP_TIMEOUT_TLS',
} as const

/** How the connection was when an exchange on it failed. */
export interface ConnectionFacts {
  /** It had served another exchange before. */
  readonly reused: boolean
  /** Not one byte has come for this exchange. */
  readonly silent: boolean
}

/** No response head came, or a bad one. */
export function headFailure(
  exchange: Exchange,
  cause: unknown,
  { reused, silent }: ConnectionFacts,
): unknown {
  if (exchange.cancelled !== null) return exchange.cancelled.reason
  if (isHttpSessionError(cause)) return cause
  if (!silent) exchange.phase = 'headers'
  const protocol = protocolFailure(exchange, cause)
  if (protocol !== null) return protocol
  if (silent && reused) return new ConnectionLostError(exchange.facts(), 'ERR_HTTP_STALE_CONNECTION', cause)
  const { code } = read(cause)
  const isEnd = code === 'ERR_HTTP1_NO_HEAD' || code === 'ERR_HTTP1_INCOMPLETE_HEAD'
  return new ConnectionLostError(exchange.facts(), isEnd ? 'ERR_HTTP_PEER_CLOSED' : 'ERR_HTTP_RESET', cause)
}

/** The content broke off, or is framed wrongly. */
export function bodyFailure(
  exchange: Exchange,
  cause: unknown,
  received: number,
  expected: number | null,
): unknown {
  if (exchange.cancelled !== null) return exchange.cancelled.reason
  if (isHttpSessionError(cause)) return cause
  const protocol = protocolFailure(exchange, cause)
  if (protocol !== null) return protocol
  const of = expected === null ? '' : ` of ${expected}`
  const why = `the body ended after ${received}${of} bytes: ${cause instanceof Error ? cause.message : String(cause)}`
  return new BodyError(exchange.facts(), { code: 'ERR_HTTP_BODY_INCOMPLETE', why, received, expected, cause })
}

function protocolFailure(exchange: Exchange, cause: unknown): ProtocolError | null {
  const { code, limit } = read(cause)
  switch (code) {
    case 'ERR_HTTP1_LIMIT':
      return new ProtocolError(
        exchange.facts('no'),
        limit === 'maxInterimResponses' ? 'ERR_HTTP_TOO_MANY_1XX' : 'ERR_HTTP_HEADERS_TOO_LARGE',
        cause,
      )
    case 'ERR_HTTP1_PARSE':
      return new ProtocolError(exchange.facts('no'), 'ERR_HTTP_PARSE', cause)
    case 'ERR_HTTP1_FRAMING':
      return new ProtocolError(exchange.facts('no'), 'ERR_HTTP_BAD_FRAMING', cause)
    case 'ERR_HTTP1_UNEXPECTED_SWITCH':
      return new ProtocolError(exchange.facts('no'), 'ERR_HTTP_UNSOLICITED_RESPONSE', cause)
    default:
      return null
  }
}
