/** Content that is read here to be sent in another form: nobody compares its length behind that with what was declared. */
import { BodyError } from '@x/http-session'
import type { ClientRequest } from '@x/http-session'

/**
 * The content of a request.
 *
 * @yields Pieces, not to be changed.
 * @throws What the source throws; an Error, where it has another length than the request says.
 */
export async function* declaredContent(request: ClientRequest): AsyncGenerator<Uint8Array, void, undefined> {
  const declared = request.bodyByteCount
  let byteCount = 0
  for await (const chunk of request.openBody()) {
    byteCount += chunk.length
    if (declared !== null && byteCount > declared) break
    yield chunk
  }
  if (declared !== null && byteCount !== declared)
    throw new Error(
      `${byteCount > declared ? 'more than' : `${byteCount} of`} the declared ${declared} bytes`,
    )
}

/** What a request fails with whose content could not be read before it was sent. */
export function sourceFailure(request: ClientRequest, cause: unknown): BodyError {
  const why = `the body's source failed: ${cause instanceof Error ? cause.message : String(cause)}`
  const expected = request.bodyByteCount
  return new BodyError(request.facts('send', 'no'), {
    code: 'ERR_HTTP_REQUEST_BODY_SOURCE',
    why,
    expected,
    cause,
  })
}
