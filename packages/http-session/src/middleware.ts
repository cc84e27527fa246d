/** What stands between a caller and the exchange: an onion of functions, the first one outermost. */
import { ClientRequest, insideOf } from './client-request.ts'
import type { UsageError } from './errors.ts'
import { invalidOption, kindOf } from './options.ts'
import { ClientResponse } from './response.ts'

/** Sends a request on its way: to the middleware behind, or over the wire. May be called again, with the same request or another one. */
export type Next = (request: ClientRequest) => Promise<ClientResponse>

/**
 * Stands between the caller and the exchange: may change the request (`request.with`), answer it (`request.respond`), send it once or again
 * (`next`), and look at what comes back.
 *
 * It runs for every hop of a chain of redirects. A response that it does not hand on it should `discard`; one that it forgets, and has not begun to
 * read, is discarded when the call ends or, where the answer is made of an iterable, when that ends.
 */
export type Middleware = (request: ClientRequest, next: Next) => Promise<ClientResponse>

/** One function of several: the first middleware is the one that sees the request first and the response last. */
export function compose(middlewares: readonly Middleware[], last: Next): Next {
  return middlewares.reduceRight<Next>((next, middleware, index) => {
    const goOn: Next = (request) =>
      request instanceof ClientRequest ? next(request) : Promise.reject(withoutRequest(index, request))
    return async (request) => {
      const response = checked(index, await middleware(request, goOn))
      insideOf(request).call.answered(response)
      return response
    }
  }, last)
}

/** @throws {UsageError} INVALID_OPTION: not a list of functions. */
export function checkMiddleware(middlewares: readonly Middleware[] | undefined): readonly Middleware[] {
  if (middlewares === undefined) return []
  if (!Array.isArray(middlewares))
    throw invalidOption('middleware', `must be a list of functions, got ${kindOf(middlewares)}`)
  const list: readonly unknown[] = [...(middlewares as readonly unknown[])]
  for (const [index, one] of list.entries())
    if (typeof one !== 'function')
      throw invalidOption(`middleware[${index}]`, `must be a function, got ${kindOf(one)}`)
  return Object.freeze(list as Middleware[])
}

function withoutRequest(index: number, given: unknown): UsageError {
  return invalidOption(`middleware[${index}]`, `has to call next with a request, got ${kindOf(given)}`)
}

function checked(index: number, response: unknown): ClientResponse {
  if (response instanceof ClientResponse) return response
  throw invalidOption(
    `middleware[${index}]`,
    `has answered with something that is no ClientResponse: ${kindOf(response)}`,
  )
}
