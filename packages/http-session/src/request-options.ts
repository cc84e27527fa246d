/** What a request can be told beside what it says. */
import { resolveDecoding } from './content-decoding.ts'
import type { ContentDecodingOption } from './content-decoding.ts'
import type { ExchangeSettings, InformationalResponse, Timeouts } from './exchange.ts'
import { checkCallback, checkSignal, refuseUnknown } from './options.ts'
import { checkMiddleware } from './middleware.ts'
import type { Middleware } from './middleware.ts'
import type { QueryInit } from './query.ts'
import { checkThrowOnStatus } from './status-policy.ts'
import type { ThrowOnStatus } from './status-policy.ts'
import { UsageError } from './errors.ts'
import type { Progress } from './progress.ts'
import type { RedirectOptions } from './redirect-chain.ts'
import type { RequestFields, SessionFields } from './request-fields.ts'
import type { RequestInit } from './request.ts'
import { resolveRedirects, resolveTimeouts } from './session-options.ts'
import type { SessionSettings } from './session-options.ts'

/** What one call of a session takes. */
export interface RequestOptions extends RequestInit, Partial<RedirectOptions> {
  /** What stands between this request and its exchange, in place of the session's. */
  middleware?: readonly Middleware[]
  /** Which statuses reject with a StatusError, in place of what the session says. */
  throwOnStatus?: ThrowOnStatus
  /** Added to the query of the URL. */
  query?: QueryInit
  /** Where requests wait for a connection, those with a higher one go first. A finite number; default 0. */
  priority?: number
  /** Gives the request up, body included: everything rejects with `signal.reason`. */
  signal?: AbortSignal
  /** Time limits of this request, in place of the session's. */
  timeouts?: Partial<Timeouts>
  /** Called with every 1xx response but 101, before the final one. What it throws ends the request and is what the request rejects with. */
  onInformational?: (response: InformationalResponse) => void
  /**
   * Called as content is sent and comes: at most every 100 ms, and at the end of either. What it throws ends the request and is what it rejects
   * with. Of a chain of redirects it sees one request after the other.
   */
  onProgress?: (progress: Progress) => void
  /** Content codings of the response, in place of what the session says; limits that it does not name are the session's. */
  contentDecoding?: ContentDecodingOption
}

/** A request for a tunnel has no content. */
export type ConnectOptions = Pick<RequestOptions, 'headers' | 'signal' | 'timeouts' | 'onInformational'>

const KNOWN: ReadonlySet<string> = new Set<keyof RequestOptions>([
  'middleware',
  'throwOnStatus',
  'query',
  'priority',
  'form',
  'multipart',
  'headers',
  'body',
  'json',
  'trailers',
  'signal',
  'timeouts',
  'onInformational',
  'onProgress',
  'contentDecoding',
  'maxRedirects',
  'allowInsecureRedirects',
])
const KNOWN_TO_CONNECT: ReadonlySet<string> = new Set<keyof ConnectOptions>([
  'headers',
  'signal',
  'timeouts',
  'onInformational',
])

/** What becomes of the options of a request, with the session's in the place of those that it does not have. */
export interface RequestSettings {
  /** To which the request's own fields are added. */
  readonly fields: RequestFields
  readonly redirects: RedirectOptions
  readonly middleware: readonly Middleware[]
  readonly throwOnStatus: ThrowOnStatus
  readonly maxBodyBytes: number
  readonly exchange: ExchangeSettings
}

/** @throws {UsageError} INVALID_OPTION: an option that `connect` does not have. */
export function checkConnectOptions(options: ConnectOptions): void {
  refuseUnknown('connect', options, KNOWN_TO_CONNECT)
}

/**
 * @param session The session's own.
 * @throws {UsageError} INVALID_OPTION, naming the option.
 */
export function requestSettings(
  options: RequestOptions,
  session: SessionSettings,
  fields: SessionFields,
): RequestSettings {
  refuseUnknown('a request', options, KNOWN)
  const { timeouts, signal, onInformational, onProgress } = options
  const contentDecoding = resolveDecoding(options.contentDecoding, session.contentDecoding)
  return {
    // Who does not have content codings undone asks for none.
    fields: contentDecoding.codings.length > 0 ? fields.coded : fields.plain,
    redirects: resolveRedirects(options, session.redirects),
    middleware: options.middleware === undefined ? session.middleware : checkMiddleware(options.middleware),
    throwOnStatus: checkThrowOnStatus(options.throwOnStatus, session.throwOnStatus),
    maxBodyBytes: session.maxBodyBytes,
    exchange: {
      timeouts: resolveTimeouts(timeouts, session.timeouts),
      signal: checkSignal(signal),
      onInformational: checkCallback('onInformational', onInformational),
      onProgress: checkCallback('onProgress', onProgress),
      contentDecoding,
      priority: checkPriority(options.priority),
      onTrace: session.onTrace,
    },
  }
}

function checkPriority(priority: number | undefined): number | undefined {
  if (priority === undefined || Number.isFinite(priority)) return priority
  throw new UsageError('ERR_HTTP_INVALID_OPTION', 'option priority: must be a finite number')
}
