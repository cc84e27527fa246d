/** What this package makes and what it is made of: connectors. The connector port of `@x/http-session` is matched by shape. */
import type { Connection } from '@x/streams'

/** Where to connect. */
export interface ConnectTarget {
  /** Name or address, IPv6 without brackets. */
  readonly host: string
  /** 1 to 65535. */
  readonly port: number
  /** With TLS, or in the clear. */
  readonly secure: boolean
}

/** A step on the way to a connection. Each may come twice: a proxy is resolved, connected to and secured first. */
export type DialPhase = 'dns' | 'connect' | 'proxy' | 'tls'

/** What `connect` is told besides the target. */
export interface DialOptions {
  /** Ends the connecting: it rejects with `signal.reason`, and no socket is left. No effect on a connection that stands. */
  readonly signal: AbortSignal
  /** To be called when each step begins. */
  readonly onPhase?: ((phase: DialPhase) => void) | undefined
}

/** What a connector of this package may be told besides the target: as `DialOptions`, all of it optional. */
export interface ConnectorOptions {
  /** Ends the connecting in every phase: rejects with `signal.reason`, and no socket is left. No effect afterwards. */
  readonly signal?: AbortSignal | undefined
  /** Told when each step begins. */
  readonly onPhase?: ((phase: DialPhase) => void) | undefined
}

/** How requests are to be sent on a connection to a forwarding proxy: in absolute form (RFC 9112 section 3.2.2). */
export interface Forwarding {
  /** Field lines for the proxy, each with its CRLF, that every request adds: credentials, for one. Empty where there are none. */
  readonly fieldLines: string
}

/** A connection of a connector here. */
export type ProxiedConnection = Connection & {
  /**
   * There where the connection ends at the proxy and not at the target: each request says in absolute form where it goes.
   * Not enumerable, as it may hold credentials.
   */
  readonly forwarding?: Forwarding
}

/** Reaches a proxy. Any connector that gives a `Connection` of `@x/streams` will do, those of this package included. */
export type Dial = (target: ConnectTarget, options: DialOptions) => Promise<ProxiedConnection>

/** Opens connections. What this package makes, and the connector of a session. */
export type Connector = (target: ConnectTarget, options?: ConnectorOptions) => Promise<ProxiedConnection>
