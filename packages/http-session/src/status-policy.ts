/** Whether a status is an error, and the error that it is. */
import { StatusError, UsageError } from './errors.ts'
import { kindOf } from './options.ts'
import { exchangeOf } from './response.ts'
import type { ClientResponse } from './response.ts'

/**
 * Which statuses are errors: none; those from 400; those for which the function says so. Such a request rejects once the beginning of the body is there
 * (4 KiB), or the body has ended, or a second has passed since the head.
 */
export type ThrowOnStatus = boolean | ((status: number) => boolean)

/** Of the body of such a response so much is kept. */
const MAX_PREVIEW_BYTES = 4096

/** @throws {UsageError} INVALID_OPTION. */
export function checkThrowOnStatus(
  value: ThrowOnStatus | undefined,
  otherwise: ThrowOnStatus,
): ThrowOnStatus {
  if (value === undefined) return otherwise
  if (typeof value === 'boolean' || typeof value === 'function') return value
  throw new UsageError('ERR_HTTP_INVALID_OPTION', 'option throwOnStatus: must be true, false or a function')
}

/** @throws {UsageError} INVALID_OPTION: the function has given an object, such as the promise of an answer. */
export function isErrorStatus(status: number, policy: ThrowOnStatus): boolean {
  if (typeof policy !== 'function') return policy && status >= 400
  const answer: unknown = policy(status)
  if (typeof answer !== 'object' || answer === null) return Boolean(answer)
  throw new UsageError(
    'ERR_HTTP_INVALID_OPTION',
    `option throwOnStatus: the function must give true or false, got ${kindOf(answer)}`,
  )
}

/** The preview is worth no longer a wait. */
const MAX_PREVIEW_MS = 1000

/**
 * Reads the beginning of the body and gives up the rest; a body that fails, or takes long, leaves a shorter preview.
 *
 * @throws What the request was given up for meanwhile.
 */
export async function statusError(response: ClientResponse): Promise<StatusError> {
  const exchange = exchangeOf(response)
  const facts = { ...exchange.facts('no'), phase: 'headers' as const }
  const enough = new Error('enough of the body was waited for')
  exchange.endWithin(MAX_PREVIEW_MS, enough)
  const { status, reasonPhrase, headers } = response
  const chunks: Uint8Array[] = []
  let byteCount = 0
  try {
    for await (const chunk of response) {
      chunks.push(chunk.subarray(0, MAX_PREVIEW_BYTES - byteCount))
      byteCount += chunk.length
      if (byteCount >= MAX_PREVIEW_BYTES) break
    }
  } catch {
    // The status is what is told; what came of the body stands for the rest.
    if (exchange.cancelled !== null && exchange.cancelled.reason !== enough) throw exchange.cancelled.reason
  }
  const decoder = new TextDecoder()
  const preview = chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('')
  return new StatusError(facts, { status, reasonPhrase, headers, preview })
}
