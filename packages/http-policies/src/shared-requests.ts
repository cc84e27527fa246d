/** Which requests are so much the same that one answer does for all. */
import type { ContentDecodingLimits, Timeouts } from '@x/http-session'
import { parseDirectives } from './cache-control.ts'

/** What is asked of a request. */
export interface RequestLike {
  readonly method: string
  readonly url: string
  readonly hasBody: boolean
  readonly headers: Iterable<readonly [name: string, value: string]> & {
    get(name: string): string | undefined
  }
  readonly timeouts: Timeouts
  readonly contentDecoding: ContentDecodingLimits | false
}

/** Safe, without content, not for a connection of its own, and with nothing against answers that others have asked for. */
export function mayShare({ method, hasBody, headers }: RequestLike): boolean {
  if ((method !== 'GET' && method !== 'HEAD') || hasBody || headers.get('upgrade') !== undefined) return false
  return !parseDirectives(headers.get('cache-control')).has('no-store')
}

/**
 * Equal for requests that are answered alike: any field may choose the answer, or say on whose behalf it is asked for. Limits are part of it: who
 * waits for the answer to another request waits by that one's, and gets content that was decoded within that one's, or not at all.
 *
 * @param ignoredFields Names in lower case.
 */
export function shareKey(
  { method, url, headers, timeouts, contentDecoding }: RequestLike,
  ignoredFields: ReadonlySet<string>,
): string {
  const fields = Array.from(headers, ([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !ignoredFields.has(name))
    // Stable: lines of one name stay in order.
    .toSorted(([left], [right]) => (left < right ? -1 : Number(left > right)))
  const limits = Object.entries({ ...timeouts, ...(contentDecoding || { contentDecoding }) })
  return JSON.stringify([method, url, fields, limits.map((limit) => limit.join('=')).toSorted()])
}

/** Whether the answer is to be shared, as far as its head tells. */
export function mayBeShared(
  headers: { get(name: string): string | undefined },
  maxBodyBytes: number,
): boolean {
  // They end when somebody ends them.
  if (/^(?:text\/event-stream|multipart\/x-mixed-replace)\b/i.test(headers.get('content-type') ?? ''))
    return false
  return !(Number(headers.get('content-length')) > maxBodyBytes)
}
