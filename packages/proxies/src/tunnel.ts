/** What all proxies have in common: reach it, have it connect, then TLS with the target, and nothing left behind where that fails. */
import { isHttp1Error } from '@x/http1'
import { startTls } from '@x/streams'
import type { Connection } from '@x/streams'
import type { TlsClientOptions } from '@x/transport'
import { ProxyError } from './errors.ts'
import type { ProxyFailure } from './errors.ts'
import type { ConnectTarget, Dial, DialOptions } from './ports.ts'
import type { ProxyEndpoint } from './proxy-url.ts'
import { SocksFormatError } from './socks5-codec.ts'
import { tlsTerms } from './tls-terms.ts'

/** One connecting: by which proxy, to where. */
export interface Passage {
  readonly endpoint: ProxyEndpoint
  /** Reaches the proxy. */
  readonly connect: Dial
  readonly target: ConnectTarget
  readonly options: DialOptions
}

/** Asks the proxy on a connection that it was reached by. Rejects with anything: see `tunnel`. */
export type Handshake = (connection: Connection, signal: AbortSignal) => Promise<void>

/** A connection to the proxy itself. */
export async function reachProxy(passage: Passage): Promise<Connection> {
  const { endpoint, connect, options } = passage
  const { scheme, host, port } = endpoint
  const connection = await connect({ host, port, secure: scheme === 'https' }, options)
  if (typeof (connection as Partial<Connection> | null | undefined)?.reader !== 'object')
    throw new TypeError('what option "connect" gave is no connection')
  try {
    options.signal.throwIfAborted()
    if (connection.forwarding === undefined) return connection
    throw failure(passage, {
      code: 'ERR_PROXY_FORWARDING',
      why: 'the proxy before it forwards requests and does not tunnel: give that one "tunnel: \'always\'"',
    })
  } catch (error) {
    connection.abort(error)
    throw error
  }
}

/** A connection to the target, through the proxy. */
export async function tunnel(
  passage: Passage,
  handshake: Handshake,
  tls: TlsClientOptions | undefined,
): Promise<Connection> {
  const { target, options } = passage
  const { signal, onPhase } = options
  const connection = await reachProxy(passage)
  try {
    onPhase?.('proxy')
    await asked(passage, handshake(connection, signal))
    signal.throwIfAborted()
    if (!target.secure) return connection
    onPhase?.('tls')
    // What came behind the answer was not encrypted: the target does not speak first, so that somebody else did.
    await startTls(connection, {
      side: 'client',
      host: target.host,
      tls: tlsTerms(tls),
      onUnreadBytes: 'reject',
      signal,
      handshakeTimeoutMs: Infinity, // the limits are whoever's the signal is
    })
    return connection
  } catch (error) {
    connection.abort(error)
    throw error
  }
}

/** An error about this passage. */
export function failure(
  { endpoint, target }: Pick<Passage, 'endpoint' | 'target'>,
  facts: Omit<ProxyFailure, 'proxy' | 'target'>,
): ProxyError {
  // A host that is none shows what it is made of, and no more of it than a name may have.
  const name = target.host.replace(/[^!-~]/g, '?').slice(0, 255)
  const host = name.includes(':') ? `[${name}]` : name
  return new ProxyError({ ...facts, proxy: endpoint.shown, target: `${host}:${target.port}` })
}

/** The codes that the reader, the writer and the decoders have for a connection that ended too early. */
const CLOSED = new Set<unknown>([
  'ERR_HTTP1_NO_HEAD',
  'ERR_HTTP1_INCOMPLETE_HEAD',
  'ERR_INCOMPLETE_READ',
  'ERR_STREAM_FAILED',
  'ERR_WRITER_CLOSED',
])

async function asked(passage: Passage, handshake: Promise<void>): Promise<void> {
  try {
    await handshake
  } catch (cause) {
    passage.options.signal.throwIfAborted()
    if (CLOSED.has((cause as { code?: unknown } | null)?.code))
      throw failure(passage, {
        code: 'ERR_PROXY_CLOSED',
        why: 'the proxy closed without a whole answer',
        cause,
      })
    if (isHttp1Error(cause) || cause instanceof SocksFormatError)
      throw failure(passage, { code: 'ERR_PROXY_PROTOCOL', why: `not an answer: ${cause.message}`, cause })
    throw cause
  }
}
