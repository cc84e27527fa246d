/** What a session can be told, with the one place that has its defaults. */
import { DEFAULT_LIMITS, resolveLimits } from '@x/http1'
import type { FieldsInit, Http1Limits } from '@x/http1'
import { sessionDecoding } from './content-decoding.ts'
import type { ContentDecoding, ContentDecodingOption } from './content-decoding.ts'
import { UsageError } from './errors.ts'
import type { Timeouts } from './exchange.ts'
import { checkCount, checkFlag, checkTimeout, refuseUnknown } from './options.ts'
import type { PoolOptions } from './pool.ts'
import type { RedirectOptions } from './redirect-chain.ts'
import type { Clock, Connector } from './ports.ts'

export interface SessionOptions {
  /**
   * Fields sent with every request that does not set them itself. Default: `Accept: *` `/*`, `User-Agent: http-session`. Where they have no
   * `Accept-Encoding`, the client adds its own, see `contentDecoding`.
   */
  headers?: FieldsInit
  /** Opens connections. Default: TCP and TLS by `@x/streams`. */
  connector?: Connector
  /** Time. Default: the platform's. */
  clock?: Clock
  /** Connections to one origin, in all states. Default 100. */
  maxConnectionsPerOrigin?: number
  /** Connections in all. Default 1,000. */
  maxConnections?: number
  /** Requests that may wait for a connection, in all. Default 10,000. */
  maxQueuedRequests?: number
  /** How long an unused connection is kept, in milliseconds; a shorter `Keep-Alive: timeout` of the server counts. Default 30,000. */
  idleTimeoutMs?: number
  /** Time limits of each request; a request may set its own. */
  timeouts?: Partial<Timeouts>
  /** Most bytes that `text`, `json` and `bytes` take. Default 256 MiB. */
  maxBodyBytes?: number
  /** Redirects to follow at most; 0: a redirect is a response like any other. Default 20. */
  maxRedirects?: number
  /** Whether a redirect may lead from https to http. Default false. */
  allowInsecureRedirects?: boolean
  /**
   * What is undone of `Content-Encoding` (RFC 9110 section 8.4), and asked for: gzip, deflate, br and zstd, as far as the runtime has them. `false`:
   * nothing is. A request with `Range` asks for `identity`, and a 206 is never decoded. Default: five codings, 256 MiB decoded, 1,000 times the
   * coded size beyond the first MiB.
   */
  contentDecoding?: ContentDecodingOption
  /** Limits of heads and framing. Defaults: those of `@x/http1`. */
  limits?: Partial<Http1Limits>
}

export interface SessionSettings {
  readonly pool: PoolOptions
  readonly timeouts: Timeouts
  readonly redirects: RedirectOptions
  readonly maxBodyBytes: number
  readonly contentDecoding: ContentDecoding
  readonly limits: Http1Limits
}

const KNOWN: ReadonlySet<string> = new Set<keyof SessionOptions>([
  'headers',
  'connector',
  'clock',
  'maxConnectionsPerOrigin',
  'maxConnections',
  'maxQueuedRequests',
  'idleTimeoutMs',
  'timeouts',
  'maxBodyBytes',
  'maxRedirects',
  'allowInsecureRedirects',
  'contentDecoding',
  'limits',
])
const KNOWN_TIMEOUTS: ReadonlySet<string> = new Set<keyof Timeouts>([
  'continueMs',
  'sendIdleMs',
  'headersMs',
  'bodyIdleMs',
  'totalMs',
])
const KNOWN_LIMITS: ReadonlySet<string> = new Set(Object.keys(DEFAULT_LIMITS))
const DEFAULT_TIMEOUTS: Timeouts = {
  continueMs: 1000,
  sendIdleMs: 300_000,
  headersMs: 300_000,
  bodyIdleMs: 300_000,
  totalMs: Infinity,
}

/** @throws {UsageError} INVALID_OPTION, naming the option. */
export function resolveSettings(options: SessionOptions): SessionSettings {
  refuseUnknown('a session', options, KNOWN)
  return {
    pool: {
      maxConnectionsPerOrigin: checkCount(
        'maxConnectionsPerOrigin',
        options.maxConnectionsPerOrigin ?? 100,
        1,
      ),
      maxConnections: checkCount('maxConnections', options.maxConnections ?? 1000, 1),
      maxQueuedRequests: checkCount('maxQueuedRequests', options.maxQueuedRequests ?? 10_000, 0),
      idleTimeoutMs: checkTimeout('idleTimeoutMs', options.idleTimeoutMs ?? 30_000),
    },
    timeouts: resolveTimeouts(options.timeouts, DEFAULT_TIMEOUTS),
    redirects: resolveRedirects(options, { maxRedirects: 20, allowInsecureRedirects: false }),
    maxBodyBytes: checkCount('maxBodyBytes', options.maxBodyBytes ?? 256 * 1024 * 1024, 0),
    contentDecoding: sessionDecoding(options.contentDecoding),
    limits: resolveCodecLimits(options.limits ?? {}),
  }
}

/** @throws {UsageError} INVALID_OPTION, naming the option. */
export function resolveTimeouts(timeouts: Partial<Timeouts> | undefined, defaults: Timeouts): Timeouts {
  if (timeouts === undefined) return defaults
  refuseUnknown('timeouts', timeouts, KNOWN_TIMEOUTS)
  const limitOf = (name: keyof Timeouts): number =>
    checkTimeout(`timeouts.${name}`, timeouts[name] ?? defaults[name])
  return {
    continueMs: limitOf('continueMs'),
    sendIdleMs: limitOf('sendIdleMs'),
    headersMs: limitOf('headersMs'),
    bodyIdleMs: limitOf('bodyIdleMs'),
    totalMs: limitOf('totalMs'),
  }
}

/** @throws {UsageError} INVALID_OPTION, naming the option. */
export function resolveRedirects(
  options: Partial<RedirectOptions>,
  defaults: RedirectOptions,
): RedirectOptions {
  const { maxRedirects, allowInsecureRedirects } = options
  if (maxRedirects === undefined && allowInsecureRedirects === undefined) return defaults
  return {
    maxRedirects: checkCount('maxRedirects', maxRedirects ?? defaults.maxRedirects, 0),
    allowInsecureRedirects: checkFlag(
      'allowInsecureRedirects',
      allowInsecureRedirects ?? defaults.allowInsecureRedirects,
    ),
  }
}

function resolveCodecLimits(limits: Partial<Http1Limits>): Http1Limits {
  refuseUnknown('limits', limits, KNOWN_LIMITS)
  try {
    return resolveLimits(limits)
  } catch (cause) {
    throw new UsageError('ERR_HTTP_INVALID_OPTION', `option limits: ${String(cause)}`, { cause })
  }
}
