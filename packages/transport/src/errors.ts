import type { CloseReason } from './protocol.ts'

/** The step of a connection's life that a limit belongs to. */
export type TransportPhase = 'dns' | 'connect' | 'tls' | 'close' | 'shutdown'

const BRAND = Symbol.for('@x/transport/error')

/** Base of all errors of this package. `code` is the contract; messages may change. */
export abstract class TransportError extends Error {
  abstract readonly code: `ERR_TRANSPORT_${string}`

  constructor(text: string, options?: ErrorOptions) {
    super(text, options)
    // Tells this package's errors from others across several installed copies; see `isTransportError`.
    Object.defineProperty(this, BRAND, { value: true })
  }

  /** Plain data without cycles, for logs: the fields, and of every cause only name, code and message. */
  toJSON(): Record<string, unknown> {
    const fields: Record<string, unknown> = { name: this.name, code: this.code, message: this.message }
    for (const [key, value] of Object.entries(this)) fields[key] = summarize(value)
    if (this.cause !== undefined) fields['cause'] = summarize(this.cause)
    return fields
  }
}

/** True for an error of this package, also when it comes from another installed copy. */
export function isTransportError(value: unknown): value is TransportError {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[BRAND] === true
}

function summarize(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(summarize)
  if (value instanceof Error) {
    const { code } = value as { code?: unknown }
    return { name: value.name, message: value.message, ...(typeof code === 'string' ? { code } : {}) }
  }
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? undefined : value
  if ('reason' in value) return { reason: value.reason }
  return undefined
}

/** A name could not be resolved. */
export class DnsError extends TransportError {
  override readonly name = 'DnsError'
  override readonly code: 'ERR_TRANSPORT_DNS_NOTFOUND' | 'ERR_TRANSPORT_DNS_FAILED'
  /** The name that was asked for. */
  readonly host: string

  constructor(fields: { code: DnsError['code']; host: string; cause?: unknown }) {
    const what = fields.code === 'ERR_TRANSPORT_DNS_NOTFOUND' ? 'has no address' : 'could not be resolved'
    super(`the name "${fields.host}" ${what}${because(fields.cause)}`, causedBy(fields.cause))
    this.code = fields.code
    this.host = fields.host
  }
}

/** No address accepted the connection, or the address policy allowed none. */
export class ConnectError extends TransportError {
  override readonly name = 'ConnectError'
  override readonly code: 'ERR_TRANSPORT_CONNECT_FAILED' | 'ERR_TRANSPORT_ADDRESS_BLOCKED'
  /** The address or path, where only one was tried; otherwise the host that was asked for. */
  readonly address: string
  /** Null for a path. */
  readonly port: number | null
  /** One per address, in the order of the resolver. `cause` is the only one, or an AggregateError of them all. */
  readonly errors: readonly Error[]

  constructor(fields: {
    code: ConnectError['code']
    address: string
    port: number | null
    errors: readonly Error[]
  }) {
    const { address, port, errors } = fields
    const where = port === null ? address : `${address.includes(':') ? `[${address}]` : address}:${port}`
    const cause =
      errors.length > 1 ? new AggregateError(errors, `all ${errors.length} addresses failed`) : errors[0]
    super(
      fields.code === 'ERR_TRANSPORT_ADDRESS_BLOCKED'
        ? `connecting to ${where} is not allowed by the address policy`
        : `could not connect to ${where}${errors.length > 1 ? `: ${errors.map(message).join('; ')}` : because(cause)}`,
      causedBy(cause),
    )
    this.code = fields.code
    this.address = address
    this.port = port
    this.errors = errors
  }
}

/** TLS could not be set up. */
export class TlsError extends TransportError {
  override readonly name = 'TlsError'
  /**
   * - `…_TLS_HANDSHAKE`: the handshake failed or was cut off.
   * - `…_TLS_CERT`: the peer's certificate was not accepted; `certificateError` says why.
   * - `…_TLS_CONTEXT`: the options (key, certificate, ciphers) make no TLS context.
   * - `…_TLS_UNREAD_BYTES`: `startTls` found bytes that arrived before it; see its `unreadBytes`.
   */
  override readonly code:
    | 'ERR_TRANSPORT_TLS_HANDSHAKE'
    | 'ERR_TRANSPORT_TLS_CERT'
    | 'ERR_TRANSPORT_TLS_CONTEXT'
    | 'ERR_TRANSPORT_TLS_UNREAD_BYTES'
  /** Server name or address the handshake was for; null on a server's side. */
  readonly host: string | null
  /** OpenSSL's or Node's name of the fault, such as `CERT_HAS_EXPIRED`; null where it was not the certificate. */
  readonly certificateError: string | null

  constructor(fields: {
    code: TlsError['code']
    host: string | null
    certificateError?: string | null
    cause?: unknown
  }) {
    const peer = fields.host === null ? 'the client' : `"${fields.host}"`
    super(`${TLS_FAULTS[fields.code]} ${peer}${because(fields.cause)}`, causedBy(fields.cause))
    this.code = fields.code
    this.host = fields.host
    this.certificateError = fields.certificateError ?? null
  }
}

const TLS_FAULTS: Record<TlsError['code'], string> = {
  ERR_TRANSPORT_TLS_HANDSHAKE: 'the TLS handshake failed with',
  ERR_TRANSPORT_TLS_CERT: 'the certificate was not accepted of',
  ERR_TRANSPORT_TLS_CONTEXT: 'the TLS options are not usable for',
  ERR_TRANSPORT_TLS_UNREAD_BYTES: 'unencrypted bytes arrived before TLS was started with',
}

/** A listening address could not be opened. */
export class ListenError extends TransportError {
  override readonly name = 'ListenError'
  override readonly code = 'ERR_TRANSPORT_LISTEN_FAILED'
  /** Address or path. */
  readonly address: string
  /** Null for a path. */
  readonly port: number | null

  constructor(fields: { address: string; port: number | null; cause?: unknown }) {
    const where = fields.port === null ? fields.address : `${fields.address} port ${fields.port}`
    super(`could not listen on ${where}${because(fields.cause)}`, causedBy(fields.cause))
    this.address = fields.address
    this.port = fields.port
  }
}

/** Something was asked of a transport that was already closed, aborted or ended here. */
export class TransportClosedError extends TransportError {
  override readonly name = 'TransportClosedError'
  override readonly code = 'ERR_TRANSPORT_CLOSED'
  /** Why it is over; null when only `writeEof()` was called or it was handed to `startTls`. */
  readonly reason: CloseReason | null

  constructor(fields: { operation: string; reason: CloseReason | null; because: string }) {
    super(`${fields.operation} is not possible: ${fields.because}`, causedBy(fields.reason?.cause))
    this.reason = fields.reason
  }
}

/** A limit in time was reached. */
export class TransportTimeoutError extends TransportError {
  override readonly name = 'TransportTimeoutError'
  override readonly code = 'ERR_TRANSPORT_TIMEOUT'
  /** What was going on when the limit was reached. */
  readonly phase: TransportPhase
  /** The limit, in milliseconds. */
  readonly limitMs: number

  constructor(fields: { phase: TransportPhase; limitMs: number }) {
    super(`${PHASE_NAMES[fields.phase]} is taking longer than ${fields.limitMs} ms`)
    this.phase = fields.phase
    this.limitMs = fields.limitMs
  }
}

const PHASE_NAMES: Record<TransportPhase, string> = {
  dns: 'resolving the name',
  connect: 'connecting',
  tls: 'the TLS handshake',
  close: 'flushing before the close',
  shutdown: 'shutting down the server',
}

/** The platform, the Node version or the kind of connection cannot do this. */
export class NotSupportedError extends TransportError {
  override readonly name = 'NotSupportedError'
  override readonly code = 'ERR_TRANSPORT_NOT_SUPPORTED'
}

/** An error without a cause has no such property at all. */
function causedBy(cause: unknown): ErrorOptions {
  return cause === undefined ? {} : { cause }
}

function because(cause: unknown): string {
  return cause === undefined ? '' : `: ${message(cause)}`
}

function message(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // What OpenSSL calls a message is its place in the sources, with a line break behind it.
  const { library, reason } = error as { library?: unknown; reason?: unknown }
  return typeof library === 'string' && typeof reason === 'string' ? reason : error.message
}
