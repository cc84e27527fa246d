import { checkKnown, checkOneOf, checkSignal, checkText, checkTimeout, optional } from './option-checks.ts'
import type { BufferedProtocol, Protocol } from './protocol.ts'
import { checkProtocol } from './protocol-check.ts'
import { checkTlsOptions } from './tls-option-checks.ts'
import type { TlsClientOptions, TlsServerOptions } from './tls-options.ts'

/** Options of `startTls` for both sides. */
export interface StartTlsSettings {
  /** Takes over from the connection's protocol; default: the same one goes on. `connectionMade` is not called. */
  protocol?: Protocol | BufferedProtocol
  /** Ends the handshake: rejects with `signal.reason`; the connection is closed. */
  signal?: AbortSignal
  /** Limit for the handshake; default 10,000; Infinity for none. */
  handshakeTimeoutMs?: number
  /** Bytes that have reached the protocol and that it has not used: the transport cannot know of them. */
  unreadBytes?: Uint8Array
  /**
   * What to do with bytes that came before TLS: `unreadBytes` and what the transport holds itself, paused.
   *
   * - `reject` (default): throws `ERR_TRANSPORT_TLS_UNREAD_BYTES` and changes nothing. Bytes that came early were not
   *   encrypted: to take them for the peer's later would let anybody on the way speak for it.
   * - `transfer`: they are the beginning of the handshake. Right where the peer was allowed to start it without waiting, as
   *   after a PROXY line.
   */
  onUnreadBytes?: 'reject' | 'transfer'
}

/** Which side of the handshake this is, and its terms. */
export type StartTlsOptions = StartTlsSettings &
  (
    | {
        side: 'client'
        /** Name or IP address that the peer's certificate is checked for. */
        host: string
        tls?: TlsClientOptions
      }
    | { side: 'server'; tls: TlsServerOptions; host?: undefined }
  )

/** The options, checked and complete. */
export interface StartTlsPlan {
  readonly terms:
    | { readonly side: 'client'; readonly host: string; readonly tls: TlsClientOptions }
    | { readonly side: 'server'; readonly tls: TlsServerOptions }
  readonly protocol: Protocol | BufferedProtocol | undefined
  readonly signal: AbortSignal | undefined
  readonly handshakeTimeoutMs: number
  readonly unreadBytes: Uint8Array
  readonly onUnreadBytes: 'reject' | 'transfer'
}

const KNOWN = {
  side: true,
  host: true,
  tls: true,
  protocol: true,
  signal: true,
  handshakeTimeoutMs: true,
  unreadBytes: true,
  onUnreadBytes: true,
} satisfies Record<keyof StartTlsOptions | keyof StartTlsSettings, true>

/** Throws TypeError or RangeError for options that cannot be meant. */
export function planStartTls(options: StartTlsOptions): StartTlsPlan {
  checkKnown(options, KNOWN)
  checkOneOf('side', options.side, ['client', 'server'])
  if (options.side === 'server' || options.tls !== undefined) checkTlsOptions(options.side, options.tls)
  if (options.protocol !== undefined) checkProtocol(options.protocol)
  const { unreadBytes = new Uint8Array(0) } = options
  if (!(unreadBytes instanceof Uint8Array)) throw new TypeError('option "unreadBytes" must be a Uint8Array')
  return {
    terms:
      options.side === 'client'
        ? { side: 'client', host: checkText('host', options.host), tls: options.tls ?? {} }
        : { side: 'server', tls: options.tls },
    protocol: options.protocol,
    signal: optional(checkSignal, 'signal', options.signal, undefined),
    handshakeTimeoutMs: optional(checkTimeout, 'handshakeTimeoutMs', options.handshakeTimeoutMs, 10_000),
    unreadBytes,
    onUnreadBytes: optional(checkPolicy, 'onUnreadBytes', options.onUnreadBytes, 'reject'),
  }
}

function checkPolicy(name: string, value: unknown): 'reject' | 'transfer' {
  return checkOneOf(name, value, ['reject', 'transfer'] as const)
}
