/** What the end of a call says about its origin. */
import { isHttpSessionError } from '@x/http-session'
import type { CallOutcome } from './circuit.ts'

/** How a call has ended. */
export interface EndedCall {
  /** `null`: it has failed. */
  readonly response: { readonly status: number } | null
  readonly error: unknown
}

/** No connection, a lost one, or no answer in time. What this side refuses by itself, and what waits in its own queue, is not the origin's doing. */
const TROUBLE =
  /^ERR_HTTP_(?:CONNECT_FAILED|DNS_FAILED|DNS_NOTFOUND|TLS_HANDSHAKE|TLS_CERT|PROXY_STATUS|STALE_CONNECTION|PEER_CLOSED|RESET|TIMEOUT_(?:DNS|CONNECT|TLS|SEND_IDLE|HEADERS|TOTAL))$/
/** They are about what was asked, not about whether the server can answer: RFC 9110 sections 15.6.2 and 15.6.6. */
const ABOUT_THE_REQUEST = new Set([501, 505])

export function outcomeOf({ response, error }: EndedCall): CallOutcome {
  if (response !== null)
    return response.status >= 500 && !ABOUT_THE_REQUEST.has(response.status) ? 'failure' : 'success'
  if (!isHttpSessionError(error) || !TROUBLE.test(error.code)) return 'ignored'
  // The time was over before the origin had any of it.
  const isOwnWait = error.code === 'ERR_HTTP_TIMEOUT_TOTAL' && 'phase' in error && error.phase === 'queue'
  return isOwnWait ? 'ignored' : 'failure'
}
