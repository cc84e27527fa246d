import {
  checkFlag,
  checkFunction,
  checkInteger,
  checkKnown,
  checkOneOf,
  checkSignal,
  checkText,
  checkTimeout,
  optional,
} from './option-checks.ts'
import { checkTlsOptions } from './tls-option-checks.ts'
import type { TlsServerOptions } from './tls-options.ts'
import { TRANSPORT_OPTIONS } from './transport-options.ts'
import type { TransportOptions } from './transport-options.ts'

/** Where to listen. */
export type ListenTarget =
  | {
      /** 0 to 65535; 0 takes a free port, the same one for all addresses. */
      port: number
      /** Names or IP literals; every address of a name is opened. Default: all interfaces, both families. */
      host?: string | readonly string[]
      path?: undefined
    }
  | {
      /** Unix socket, or named pipe on Windows. */
      path: string
      host?: undefined
      port?: undefined
    }

/** How to listen, and what accepted connections are like. */
export interface ServerSettings extends TransportOptions {
  /** TLS on every connection. */
  tls?: TlsServerOptions
  /** Limit for each TLS handshake; default 10,000; Infinity for none. */
  handshakeTimeoutMs?: number
  /** Connections that the kernel keeps waiting; default 511. */
  backlog?: number
  /** An IPv6 address takes no IPv4 connections. Default: true where both families are listened on, otherwise false. */
  ipv6Only?: boolean
  /** Several processes share the port, and the kernel its connections. Needs Node 23.1 or 22.12 and Linux or a BSD. */
  reusePort?: boolean
  /** What becomes of the Unix socket's file when listening ends; `remove` (default) leaves a file alone that is not ours. */
  pathCleanup?: 'remove' | 'keep'
  /** Send small writes at once (TCP_NODELAY); default true. */
  noDelay?: boolean
  /** Ends the starting; rejects with `signal.reason`. No effect afterwards. */
  signal?: AbortSignal
  /**
   * Told of what concerns no transport: a TLS handshake that failed, a connection that could not be accepted. Default:
   * nobody is told; the server goes on.
   */
  onError?: (error: unknown) => void
}

/** Where to listen, and how. */
export type ServerOptions = ListenTarget & ServerSettings

/** One address that a server listens on. Either `address` and `port`, or `path`. */
export interface ServerAddress {
  /** IP address; null for a path. */
  readonly address: string | null
  /** Null for a path. */
  readonly port: number | null
  /** Of a Unix socket; null for an address. */
  readonly path: string | null
}

/** `ServerOptions`, checked and complete, but for what concerns the transports. */
export interface ListenPlan {
  readonly target:
    | { readonly hosts: readonly string[] | null; readonly port: number }
    | { readonly path: string }
  readonly tls: TlsServerOptions | null
  readonly handshakeTimeoutMs: number
  readonly backlog: number
  readonly ipv6Only: boolean | undefined
  readonly reusePort: boolean
  readonly pathCleanup: 'remove' | 'keep'
  readonly noDelay: boolean
  readonly signal: AbortSignal | undefined
  readonly onError: ((error: unknown) => void) | undefined
}

const KNOWN = {
  port: true,
  host: true,
  path: true,
  tls: true,
  handshakeTimeoutMs: true,
  backlog: true,
  ipv6Only: true,
  reusePort: true,
  pathCleanup: true,
  noDelay: true,
  signal: true,
  onError: true,
  ...TRANSPORT_OPTIONS,
} satisfies Record<keyof ListenTarget | keyof ServerSettings, true>

/** Throws TypeError or RangeError for options that cannot be meant. */
export function planListening(options: ServerOptions): ListenPlan {
  checkKnown(options, KNOWN)
  if (options.tls !== undefined) checkTlsOptions('server', options.tls)
  if (options.onError !== undefined) checkFunction('onError', options.onError)
  if (options.tls === undefined && options.handshakeTimeoutMs !== undefined) {
    throw new TypeError('option "handshakeTimeoutMs" has no meaning without "tls"')
  }
  return {
    target: checkTarget(options),
    tls: options.tls ?? null,
    handshakeTimeoutMs: optional(checkTimeout, 'handshakeTimeoutMs', options.handshakeTimeoutMs, 10_000),
    backlog: optional(checkBacklog, 'backlog', options.backlog, 511),
    ipv6Only: optional(checkFlag, 'ipv6Only', options.ipv6Only, undefined),
    reusePort: optional(checkFlag, 'reusePort', options.reusePort, false),
    pathCleanup: optional(checkCleanup, 'pathCleanup', options.pathCleanup, 'remove'),
    noDelay: optional(checkFlag, 'noDelay', options.noDelay, true),
    signal: optional(checkSignal, 'signal', options.signal, undefined),
    onError: options.onError,
  }
}

function checkTarget({ host, port, path }: ServerOptions): ListenPlan['target'] {
  if (path !== undefined) {
    if (host !== undefined || port !== undefined) throw new TypeError('give either "path" or "port"')
    return { path: checkText('path', path) }
  }
  if (port === undefined) throw new TypeError('option "port" or "path" is needed')
  const checkedPort = checkInteger('port', port, { min: 0, max: 65_535 })
  if (host === undefined) return { hosts: null, port: checkedPort }
  const hosts = Array.isArray(host) ? (host as readonly string[]) : [host as string]
  if (hosts.length === 0) throw new TypeError('option "host" must not be an empty list')
  return { hosts: hosts.map((one) => checkText('host', one)), port: checkedPort }
}

function checkBacklog(name: string, value: unknown): number {
  return checkInteger(name, value, { min: 1, max: 2 ** 31 - 1 })
}

function checkCleanup(name: string, value: unknown): 'remove' | 'keep' {
  return checkOneOf(name, value, ['remove', 'keep'] as const)
}
