/** What stands between a caller and the exchange: an onion of functions, the first one outermost. */
import { UsageError } from './errors.ts'
import type { ClientRequest } from './client-request.ts'
import { ClientResponse } from './response.ts'

/** Sends a request on its way: to the middleware behind, or over the wire. May be called again, with the same request or another one. */
export type Next = (request: ClientRequest) => Promise<ClientResponse>

/**
 * Stands between the caller and the exchange: may change the request (`request.with`), answer it (`request.respond`), send it once or again
 * (`next`), and look at what comes back.
 *
 * It runs for every hop of a chain of redirects. A response that it does not hand on it must `discard`.
 */
export type Middleware = (request: ClientRequest, next: Next) => Promise<ClientResponse>

/** One function of several: the first middleware is the one that sees the request first and the response last. */
export function compose(middlewares: readonly Middleware[], last: Next): Next {
  return middlewares.reduceRight<Next>(
    (next, middleware) => async (request) => checked(await middleware(request, next)),
    last,
  )
}

/** @throws {UsageError} INVALID_OPTION: not a list of functions. */
export function checkMiddleware(middlewares: readonly Middleware[] | undefined): readonly Middleware[] {
  if (middlewares === undefined) return []
  if (Array.isArray(middlewares) && middlewares.every((one) => typeof one === 'function'))
    return Object.freeze([...middlewares])
  throw new UsageError('ERR_HTTP_INVALID_OPTION', 'option middleware: must be a list of functions')
}

function checked(response: unknown): ClientResponse {
  if (response instanceof ClientResponse) return response
  throw new UsageError(
    'ERR_HTTP_INVALID_OPTION',
    'option middleware: one has answered with something that is no ClientResponse',
  )
}
