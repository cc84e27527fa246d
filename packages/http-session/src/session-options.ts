/** What a session can be told, with the one place that has its defaults. */
import { DEFAULT_LIMITS, resolveLimits } from '@x/http1'
import type { Http1Limits } from '@x/http1'
import { sessionDecoding } from './content-decoding.ts'
import type { ContentDecoding, ContentDecodingOption } from './content-decoding.ts'
import { withDebugLog } from './debug-log.ts'
import type { DialTimeouts } from './dialling.ts'
import { UsageError } from './errors.ts'
import type { Timeouts } from './exchange.ts'
import type { TraceListener } from './trace.ts'
import {
  checkCallback,
  checkCount,
  checkFlag,
  checkLimit,
  checkMethods,
  checkObject,
  checkTimeout,
  or,
  refuseUnknown,
} from './options.ts'
import { checkMiddleware } from './middleware.ts'
import type { Middleware } from './middleware.ts'
import { checkThrowOnStatus } from './status-policy.ts'
import type { ThrowOnStatus } from './status-policy.ts'
import type { PoolOptions } from './pool.ts'
import type { RedirectOptions } from './redirect-chain.ts'
import type { HeadersInit } from './request-fields.ts'
import type { Clock, Connector } from './ports.ts'

/** What a session is made with. */
export interface SessionOptions {
  /** What relative URLs of requests are relative to: absolute, http or https. Default: none. */
  baseUrl?: string | URL
  /** What stands between callers and exchanges, outermost first; redirects are followed around all of them. Default: nothing. */
  middleware?: readonly Middleware[]
  /** Which statuses reject with a StatusError: none, those from 400 (`true`), or those that a function names. Default false. */
  throwOnStatus?: ThrowOnStatus
  /**
   * Told of every step of every request, and of the end of connections: `closed` follows each `connected`. Of the connections that sessions share,
   * the listener of the one that the others extend hears of all, the others' of those that were `connected` for them. Default: nobody is.
   */
  onTrace?: TraceListener
  /**
   * Fields sent with every request that does not set them itself, laid by name over `Accept: *` `/*`, `User-Agent: http-session`, and the
   * `Accept-Encoding` of `contentDecoding`. In a record `undefined` leaves one of these out. Default: just these.
   */
  headers?: HeadersInit
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
  /** How old a connection may be when a request is sent on it, in milliseconds since it was opened. Default: any age. */
  maxConnectionAgeMs?: number
  /** Requests that are sent on one connection at most. Default: any number. */
  maxRequestsPerConnection?: number
  /** Time limits of each request; a request may set its own. */
  timeouts?: Partial<Timeouts & DialTimeouts>
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

/** Options of the connections, which sessions that extend each other share. */
export type SharedOptions =
  | 'connector'
  | 'clock'
  | 'maxConnectionsPerOrigin'
  | 'maxConnections'
  | 'maxQueuedRequests'
  | 'idleTimeoutMs'
  | 'maxConnectionAgeMs'
  | 'maxRequestsPerConnection'
  | 'limits'

export interface SessionSettings {
  readonly baseUrl: string | null
  readonly middleware: readonly Middleware[]
  readonly throwOnStatus: ThrowOnStatus
  readonly onTrace: TraceListener | undefined
  readonly pool: PoolOptions
  readonly timeouts: Timeouts
  readonly dialTimeouts: DialTimeouts
  readonly redirects: RedirectOptions
  readonly maxBodyBytes: number
  readonly contentDecoding: ContentDecoding
  readonly limits: Http1Limits
}

const SHARED: ReadonlySet<SharedOptions> = new Set<SharedOptions>([
  'connector',
  'clock',
  'maxConnectionsPerOrigin',
  'maxConnections',
  'maxQueuedRequests',
  'idleTimeoutMs',
  'maxConnectionAgeMs',
  'maxRequestsPerConnection',
  'limits',
])
const KNOWN: ReadonlySet<string> = new Set<string>([
  ...SHARED,
  'baseUrl',
  'middleware',
  'throwOnStatus',
  'onTrace',
  'headers',
  'timeouts',
  'maxBodyBytes',
  'maxRedirects',
  'allowInsecureRedirects',
  'contentDecoding',
] satisfies (keyof SessionOptions)[])
const KNOWN_TIMEOUTS: ReadonlySet<string> = new Set<keyof Timeouts>([
  'queueMs',
  'continueMs',
  'sendIdleMs',
  'headersMs',
  'bodyIdleMs',
  'totalMs',
])
const KNOWN_LIMITS: ReadonlySet<string> = new Set(Object.keys(DEFAULT_LIMITS))
const DEFAULT_TIMEOUTS: Timeouts = {
  queueMs: Infinity,
  continueMs: 1000,
  sendIdleMs: 300_000,
  headersMs: 300_000,
  bodyIdleMs: 300_000,
  totalMs: Infinity,
}
/** As long for each step of a dial as others give to all of them. */
const DEFAULT_DIAL_TIMEOUTS: DialTimeouts = { dnsMs: 10_000, connectMs: 10_000, tlsMs: 10_000 }

/** @throws {UsageError} INVALID_OPTION, naming the option. */
export function resolveSettings(options: SessionOptions): SessionSettings {
  refuseUnknown('a session', options, KNOWN)
  checkCallback('connector', options.connector)
  checkMethods('clock', options.clock, ['now', 'setTimer'])
  const { dnsMs, connectMs, tlsMs, ...timeouts } = checkObject('timeouts', or(options.timeouts, {}))
  return {
    baseUrl: options.baseUrl === undefined ? null : checkBaseUrl(options.baseUrl),
    middleware: checkMiddleware(options.middleware),
    throwOnStatus: checkThrowOnStatus(options.throwOnStatus, false),
    onTrace: withDebugLog(checkCallback('onTrace', options.onTrace)),
    pool: {
      maxConnectionsPerOrigin: checkLimit(
        'maxConnectionsPerOrigin',
        or(options.maxConnectionsPerOrigin, 100),
        1,
      ),
      maxConnections: checkLimit('maxConnections', or(options.maxConnections, 1000), 1),
      maxQueuedRequests: checkLimit('maxQueuedRequests', or(options.maxQueuedRequests, 10_000), 0),
      idleTimeoutMs: checkTimeout('idleTimeoutMs', or(options.idleTimeoutMs, 30_000)),
      maxConnectionAgeMs: checkTimeout('maxConnectionAgeMs', or(options.maxConnectionAgeMs, Infinity)),
      maxRequestsPerConnection: checkCount(
        'maxRequestsPerConnection',
        or(options.maxRequestsPerConnection, Infinity),
        1,
      ),
    },
    timeouts: resolveTimeouts(timeouts, DEFAULT_TIMEOUTS),
    dialTimeouts: {
      dnsMs: checkTimeout('timeouts.dnsMs', or(dnsMs, DEFAULT_DIAL_TIMEOUTS.dnsMs)),
      connectMs: checkTimeout('timeouts.connectMs', or(connectMs, DEFAULT_DIAL_TIMEOUTS.connectMs)),
      tlsMs: checkTimeout('timeouts.tlsMs', or(tlsMs, DEFAULT_DIAL_TIMEOUTS.tlsMs)),
    },
    redirects: resolveRedirects(options, { maxRedirects: 20, allowInsecureRedirects: false }),
    maxBodyBytes: checkCount('maxBodyBytes', or(options.maxBodyBytes, 256 * 1024 * 1024), 0),
    contentDecoding: sessionDecoding(options.contentDecoding),
    limits: resolveCodecLimits(checkObject('limits', or(options.limits, {}))),
  }
}

/**
 * Options of a session with others in their place, but for `headers`; time limits are laid over each other.
 *
 * @throws {UsageError} INVALID_OPTION: none, or an option of the connections.
 */
export function extendedOptions(
  own: SessionOptions,
  options: Omit<SessionOptions, SharedOptions>,
): SessionOptions {
  refuseUnknown('extend', options, KNOWN)
  const timeouts = checkObject('timeouts', or(options.timeouts, {}))
  for (const name of [...SHARED, 'dnsMs', 'connectMs', 'tlsMs'])
    if (name in options || name in timeouts)
      throw new UsageError(
        'ERR_HTTP_INVALID_OPTION',
        `option ${name}: belongs to the session that is extended`,
      )
  return { ...own, ...given(options), timeouts: { ...own.timeouts, ...given(timeouts) } }
}

/** Without what is `undefined`. */
function given<Options extends object>(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options
}

function checkBaseUrl(init: string | URL): string {
  const url = URL.canParse(String(init)) ? new URL(init) : null
  if (url !== null && /^https?:$/.test(url.protocol)) return url.href
  throw new UsageError('ERR_HTTP_INVALID_OPTION', 'option baseUrl: must be an absolute URL of http or https')
}

/** @throws {UsageError} INVALID_OPTION, naming the option. */
export function resolveTimeouts(timeouts: Partial<Timeouts> | undefined, defaults: Timeouts): Timeouts {
  if (timeouts === undefined) return defaults
  refuseUnknown('timeouts', checkObject('timeouts', timeouts), KNOWN_TIMEOUTS)
  const limitOf = (name: keyof Timeouts): number =>
    checkTimeout(`timeouts.${name}`, or(timeouts[name], defaults[name]))
  return {
    queueMs: limitOf('queueMs'),
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
    maxRedirects: checkCount('maxRedirects', or(maxRedirects, defaults.maxRedirects), 0),
    allowInsecureRedirects: checkFlag(
      'allowInsecureRedirects',
      or(allowInsecureRedirects, defaults.allowInsecureRedirects),
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
