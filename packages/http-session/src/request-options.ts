/** What a request can be told beside what it says. */
import { resolveDecoding } from './content-decoding.ts'
import type { ContentDecodingOption } from './content-decoding.ts'
import type { ExchangeSettings, InformationalResponse, Timeouts } from './exchange.ts'
import { checkCallback, refuseUnknown } from './options.ts'
import type { Progress } from './progress.ts'
import type { RedirectOptions } from './redirect-chain.ts'
import type { RequestInit } from './request.ts'
import { resolveTimeouts } from './session-options.ts'
import type { SessionSettings } from './session-options.ts'

export interface RequestOptions extends RequestInit, Partial<RedirectOptions> {
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

/** @throws {UsageError} INVALID_OPTION: an option that a request does not have. */
export function checkRequestOptions(options: RequestOptions): void {
  refuseUnknown('a request', options, KNOWN)
}

/** @throws {UsageError} INVALID_OPTION: an option that `connect` does not have. */
export function checkConnectOptions(options: ConnectOptions): void {
  refuseUnknown('connect', options, KNOWN_TO_CONNECT)
}

/**
 * @param defaults The session's own.
 * @throws {UsageError} INVALID_OPTION, naming the option.
 */
export function exchangeSettings(
  options: RequestOptions,
  defaults: Pick<SessionSettings, 'timeouts' | 'contentDecoding'>,
): ExchangeSettings {
  const { timeouts, signal, onInformational, onProgress, contentDecoding } = options
  return {
    timeouts: resolveTimeouts(timeouts, defaults.timeouts),
    signal,
    onInformational: checkCallback('onInformational', onInformational),
    onProgress: checkCallback('onProgress', onProgress),
    contentDecoding: resolveDecoding(contentDecoding, defaults.contentDecoding),
  }
}
