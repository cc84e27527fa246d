import { ClientRequest, insideOf } from './client-request.ts'
import type { Middleware } from './middleware.ts'
import { checkCount, checkFlag, refuseUnknown } from './options.ts'
import { RedirectChain } from './redirect-chain.ts'
import type { RedirectOptions } from './redirect-chain.ts'
import { exchangeOf } from './response.ts'

const KNOWN: ReadonlySet<string> = new Set<keyof RedirectOptions>(['maxRedirects', 'allowInsecureRedirects'])

/**
 * Follows redirects (RFC 9110 section 15.4), each hop through the middlewares behind.
 *
 * @throws {UsageError} INVALID_OPTION, naming the option.
 */
export function followRedirects(options: RedirectOptions): Middleware {
  refuseUnknown('followRedirects', options, KNOWN)
  checkCount('maxRedirects', options.maxRedirects, 0)
  checkFlag('allowInsecureRedirects', options.allowInsecureRedirects)
  return async (first, next) => {
    let chain: RedirectChain | null = null
    for (let request = first; ;) {
      const response = await next(request)
      if (response.status < 300 || response.status > 399) return response
      const { framed, call } = insideOf(request)
      chain ??= new RedirectChain(framed, options, call.runner.urls)
      const exchange = exchangeOf(response)
      try {
        const following = chain.next(framed, exchange, response)
        if (following === null) return response
        exchange.trace({ type: 'redirect', status: response.status, location: following.url })
        call.redirects = [...chain.followed]
        request = new ClientRequest(following, call)
      } catch (error) {
        exchange.traceFailure(error)
        response.discard()
        throw error
      }
      response.discard()
    }
  }
}
