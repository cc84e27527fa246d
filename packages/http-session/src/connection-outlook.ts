import { persistence } from '@x/http1'
import type { FieldSection, MessageFraming, ResponseHead } from '@x/http1'

/** What requests and responses have said about the future of their connection. RFC 9112 section 9.3. */
export class ConnectionOutlook {
  /** Whether another exchange may follow the one that runs. */
  persists = true
  /** How long the peer keeps the connection while it is idle, in milliseconds; `Infinity` where it does not say. */
  peerTimeoutMs: number = Infinity
  /** The last response announced content that it must not have: a server that sends it all the same does so in a moment. */
  isSuspect = false
  /** How many more requests the peer takes, where it has said so. */
  #requestsLeft = Infinity

  /** @param closes The request has said `Connection: close`. */
  responseArrived(head: ResponseHead, framing: MessageFraming, closes: boolean): void {
    const { reusable, timeoutMs, max } = persistence(head, framing)
    this.#requestsLeft = Math.min(this.#requestsLeft - 1, max ?? Infinity)
    this.peerTimeoutMs = timeoutMs ?? Infinity
    this.persists = reusable && this.#requestsLeft > 0 && !closes
    this.isSuspect = framing.kind === 'none' && announcesContent(head.fields)
  }
}

/** RFC 9110 section 9.3.2: of HEAD, 204, 205 and 304 such fields tell what another response would have. */
function announcesContent(fields: FieldSection): boolean {
  return fields.has('transfer-encoding') || (fields.get('content-length') ?? '0') !== '0'
}
