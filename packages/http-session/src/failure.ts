/** From what a lower layer rejected with to what the caller gets. Errors of other packages are known by their `code`, never by their class. */
import { DialFailure } from './dialling.ts'
import {
  BodyError,
  ConnectError,
  ConnectionLostError,
  DnsError,
  isHttpSessionError,
  ProtocolError,
  ProxyError,
  TimeoutError,
  TlsError,
} from './errors.ts'
import type { Phase, RequestFacts } from './errors.ts'
import type { Exchange } from './exchange.ts'
import type { DialPhase } from './ports.ts'

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

/** Whose failure it is. An `Exchange` fits. */
export interface DialOwner {
  readonly cancelled: { readonly reason: unknown } | null
  phase: Phase
  facts(): RequestFacts
}

/** No connection came about. @param failure A DialFailure, or what a connector has rejected with. */
export function connectFailure(owner: DialOwner, failure: unknown): unknown {
  if (owner.cancelled !== null) return owner.cancelled.reason
  const isTold = failure instanceof DialFailure
  const cause = isTold ? failure.cause : failure
  const { code, phase, limitMs } = read(cause)
  owner.phase = phaseOf(code, phase) ?? (isTold ? failure.phase : 'connect')
  switch (code) {
    case 'ERR_TRANSPORT_DNS_NOTFOUND':
      return new DnsError(owner.facts(), 'ERR_HTTP_DNS_NOTFOUND', cause)
    case 'ERR_TRANSPORT_DNS_FAILED':
      return new DnsError(owner.facts(), 'ERR_HTTP_DNS_FAILED', cause)
    case 'ERR_TRANSPORT_TLS_HANDSHAKE':
    case 'ERR_TRANSPORT_TLS_CONTEXT':
      return new TlsError(owner.facts(), 'ERR_HTTP_TLS_HANDSHAKE', cause)
    case 'ERR_TRANSPORT_TLS_CERT':
      return new TlsError(owner.facts(), 'ERR_HTTP_TLS_CERT', cause)
    case 'ERR_TRANSPORT_ADDRESS_BLOCKED':
    case 'ERR_HTTP_ADDRESS_BLOCKED':
      return new ConnectError(owner.facts(), cause, 'ERR_HTTP_ADDRESS_BLOCKED')
    case 'ERR_PROXY_STATUS':
      return new ProxyError(owner.facts(), 'ERR_HTTP_PROXY_STATUS', cause)
    case 'ERR_PROXY_AUTH':
      return new ProxyError(owner.facts(), 'ERR_HTTP_PROXY_AUTH', cause)
    case 'ERR_TRANSPORT_TIMEOUT':
      return new TimeoutError(owner.facts(), timeoutCode(owner.phase), Number(limitMs), cause)
    case 'ERR_HTTP_DIAL_TIMEOUT':
      return new TimeoutError(owner.facts(), timeoutCode(owner.phase), Number(limitMs))
    default:
      return isHttpSessionError(cause) ? cause : new ConnectError(owner.facts(), cause)
  }
}

/** The step that an error tells by itself, which goes before what the connector has told. */
function phaseOf(code: unknown, phase: unknown): DialPhase | null {
  if (typeof code !== 'string') return null
  if (code === 'ERR_TRANSPORT_TIMEOUT' || code === 'ERR_HTTP_DIAL_TIMEOUT') {
    return phase === 'dns' || phase === 'proxy' || phase === 'tls' ? phase : 'connect'
  }
  if (code.startsWith('ERR_TRANSPORT_DNS_')) return 'dns'
  if (code.startsWith('ERR_TRANSPORT_TLS_')) return 'tls'
  // The name was looked up, if it was one.
  if (code.endsWith('_ADDRESS_BLOCKED')) return 'connect'
  return code.startsWith('ERR_PROXY_') ? 'proxy' : null
}

/** What a proxy takes to answer is time to connect. */
function timeoutCode(phase: Phase): TimeoutError['code'] {
  if (phase === 'dns') return 'ERR_HTTP_TIMEOUT_DNS'
  return phase === 'tls' ? 'ERR_HTTP_TIMEOUT_TLS' : 'ERR_HTTP_TIMEOUT_CONNECT'
}

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
