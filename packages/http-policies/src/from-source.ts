/** What a source of the caller's (a store, a giver of tokens) has for a request: its failures are told apart from the end of the request. */
import type { ClientRequest } from '@x/http-session'

/**
 * @param ask What it throws, or what its promise rejects with, is the cause of `failure`.
 *
 * Abort: as `ClientRequest.until`, also while the source hangs.
 */
export function fromSource<T>(
  request: ClientRequest,
  ask: () => PromiseLike<T>,
  failure: (cause: unknown) => Error,
): Promise<T> {
  const asked = async (): Promise<T> => {
    try {
      return await ask()
    } catch (cause) {
      throw failure(cause)
    }
  }
  return request.until(asked())
}
