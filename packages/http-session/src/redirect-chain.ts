/** The redirects of one call: from answer to next request, with what has been seen on the way. */
import type { FieldSection } from '@x/http1'
import { RedirectError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import { ORIGIN_FIELDS, planRedirect, redirectKey } from './redirect.ts'
import { canSendAgain, redirected } from './request.ts'
import type { FramedRequest } from './request.ts'
import type { UrlParser } from './url.ts'

/** A response that led to another request. */
export interface Redirect {
  /** 301, 302, 303, 307 or 308. */
  readonly status: number
  /** Of the request that it answered. */
  readonly method: string
  /** Of the request that it answered, without user information and fragment. */
  readonly url: string
}

/** Which redirects are followed, and how. */
export interface RedirectOptions {
  /** Redirects to follow at most; 0: a redirect is a response like any other. */
  readonly maxRedirects: number
  /** Whether a redirect may lead from https to http. */
  readonly allowInsecureRedirects: boolean
}

export class RedirectChain {
  readonly #options: RedirectOptions
  readonly #urls: UrlParser
  readonly #visited = new Set<string>()
  readonly #followed: Redirect[] = []
  #url: URL

  constructor(first: FramedRequest, options: RedirectOptions, urls: UrlParser) {
    this.#url = withUserInfo(first)
    this.#options = options
    this.#urls = urls
  }

  /** Those that were followed, the first one first. */
  get followed(): readonly Redirect[] {
    return this.#followed
  }

  /**
   * The request that an answer leads to; `null`: the answer is the caller's.
   *
   * @param request What is to follow where the answer leads.
   * @param exchange That of the answer: of the same request, or of what has become of it. It is over where the redirect is refused.
   * @throws {RedirectError}
   */
  next(
    request: FramedRequest,
    exchange: Exchange,
    { status, headers }: { readonly status: number; readonly headers: FieldSection },
  ): FramedRequest | null {
    const { method } = request
    const hasBody = request.body.kind !== 'none'
    const isSame = request === exchange.request
    // What was answered counts, where it is not what was asked for.
    if (!isSame) this.#url = withUserInfo(exchange.request)
    // What was asked before may be answered otherwise by now.
    if (headers.has('set-cookie')) this.#visited.clear()
    else this.#visited.add(redirectKey(method, this.#url, hasBody))
    const plan = planRedirect({
      method,
      url: this.#url,
      status,
      locations: headers.getAll('location'),
      hasBody,
      bodyReplayable: exchange.canSendAgain && (isSame || canSendAgain(request)),
      followed: this.#followed.length,
      maxRedirects: this.#options.maxRedirects,
      allowInsecure: this.#options.allowInsecureRedirects,
      visited: this.#visited,
    })
    if (plan.kind === 'deliver') return null
    if (plan.kind === 'refuse') {
      exchange.phase = 'redirect'
      const error = new RedirectError(exchange.facts('no'), plan.code, plan.why, status)
      exchange.cancel(error)
      throw error
    }
    this.#followed.push({ status, method, url: request.url })
    this.#url = plan.url
    // They were said for the request's origin, wherever it was answered.
    const isHome = plan.url.origin === request.origin.href
    const dropFields = isHome ? plan.dropFields : [...plan.dropFields, ...ORIGIN_FIELDS]
    return redirected(request, { ...plan, dropFields, to: this.#urls.parse(plan.url.href) })
  }
}

function withUserInfo({ url, to }: FramedRequest): URL {
  const full = new URL(url)
  const [name = '', ...password] = to.userInfo?.split(':') ?? []
  full.username = name
  full.password = password.join(':')
  return full
}
