import { BodyError } from './errors.ts'
import { forwardedFields } from './mock-tape.ts'
import type { TapeAnswer } from './mock-tape.ts'
import { bodyTooLarge, joined } from './response-body.ts'
import { exchangeOf, maxBodyBytesOf } from './response.ts'
import type { ClientResponse } from './response.ts'

/**
 * A response, read to its end or to where it was cut.
 *
 * @param method Of the request.
 * @throws What the body fails with otherwise.
 */
export async function answerOf(response: ClientResponse, method: string): Promise<TapeAnswer> {
  const { status, reasonPhrase, headers } = response
  const pieces: Uint8Array[] = []
  let byteCount = 0
  let cut: TapeAnswer['cut'] = null
  try {
    for await (const piece of response) {
      pieces.push(piece)
      byteCount += piece.length
      const most = maxBodyBytesOf(response)
      if (byteCount > most) throw bodyTooLarge(exchangeOf(response), most, null)
    }
  } catch (error) {
    if (!(error instanceof BodyError) || error.code !== 'ERR_HTTP_BODY_INCOMPLETE') throw error
    const { code } = (error.cause ?? {}) as { code?: unknown }
    cut = code === 'ERR_HTTP1_INCOMPLETE_BODY' ? 'close' : 'reset'
  }
  // What it says of a body that is not there.
  const keep = method === 'HEAD' || status === 304 || cut !== null ? ['content-length'] : []
  return {
    status,
    reasonPhrase,
    headers: forwardedFields(headers, keep),
    body: joined(pieces, byteCount),
    cut,
  }
}
