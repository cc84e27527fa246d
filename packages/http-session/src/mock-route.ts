/** Which requests a mock expects, and which of its answers each is given. */
import { isToken } from '@x/http1'
import { HttpSessionError, UsageError } from './errors.ts'
import { checkReply } from './mock-reply.ts'
import type { MockBytes, MockEnding, MockReply, MockReplyInit } from './mock-reply.ts'
import type { MockRequest } from './mock-request.ts'
import { checkCount, refuseUnknown } from './options.ts'

/** Makes an answer when the request is there. */
export type MockAnswer = (request: MockRequest) => MockReply | Promise<MockReply>

/**
 * A URL as a whole, query included; from `/` on, for any origin; a pattern for the URL; or anything else that a function can see. The fragment does
 * not count.
 */
export type MockMatcher = string | URL | RegExp | ((request: MockRequest) => boolean)

/** What `on` of a mock can be told. */
export interface MockRouteOptions {
  /** Requests that it answers; the next one goes to the routes behind. Default: any number. */
  times?: number
}

/** What happens to a request. */
export type MockStep =
  | { readonly kind: 'reply'; readonly reply: MockReply }
  | { readonly kind: 'made'; readonly make: MockAnswer }
  | ({ readonly kind: 'bytes' } & MockBytes)
  | { readonly kind: 'silence' }

/** A request came that nobody has prepared for, or its answer could not be made. It is what the request rejects with. */
export class MockError extends HttpSessionError {
  override readonly name = 'MockError'
  override readonly code: `ERR_HTTP_MOCK_${'UNEXPECTED' | 'REPLY' | 'PENDING'}`

  constructor(code: MockError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

const KNOWN: ReadonlySet<string> = new Set<keyof MockRouteOptions>(['times'])

/** Requests of one kind and their answers: given in turn, the last one again and again. */
export class MockRoute {
  /** Method and URL. */
  readonly name: string
  readonly #method: string
  readonly #matches: (request: MockRequest) => boolean
  readonly #times: number
  readonly #steps: MockStep[] = []
  #count = 0

  /** Made by `on` of a mock. */
  constructor(method: string, matcher: MockMatcher, options: MockRouteOptions = {}) {
    refuseUnknown('a route', options, KNOWN)
    if (typeof method !== 'string' || !isToken(method))
      throw new UsageError(
        'ERR_HTTP_INVALID_METHOD',
        `method must be a token, or *: ${JSON.stringify(method)}`,
      )
    this.#method = method
    this.#matches = matching(matcher)
    this.#times = checkCount('times', options.times ?? Infinity, 1)
    this.name = `${method} ${typeof matcher === 'function' ? matcher.name || '(a function)' : String(matcher)}`
  }

  /** Requests that it was asked for so far. */
  get requestCount(): number {
    return this.#count
  }

  /** Requests that it still waits for: one for each answer, or `times`. */
  get missingCount(): number {
    const expected = this.#times === Infinity ? this.#steps.length : this.#times
    return Math.max(0, expected - this.#count)
  }

  /**
   * Adds an answer: for the next request in turn, or if it stays the last one for all that follow.
   *
   * @throws {UsageError} INVALID_OPTION, INVALID_HEADER.
   */
  reply(status: number, init: MockReplyInit = {}): this {
    return this.#add({ kind: 'reply', reply: checkReply({ ...init, status }) })
  }

  /** Answers with what `make` gives for the request. */
  replyWith(make: MockAnswer): this {
    if (typeof make !== 'function')
      throw new UsageError('ERR_HTTP_INVALID_OPTION', 'option make: must be a function')
    return this.#add({ kind: 'made', make })
  }

  /**
   * Sends octets as they are, whatever they mean: a response of your own, or nonsense.
   *
   * @param bytes Text is latin1: one octet a character, of those below U+0100.
   * @param ending Default `close`.
   */
  replyBytes(bytes: Uint8Array | string, ending: MockEnding = 'close'): this {
    if (ending !== 'keep' && ending !== 'close' && ending !== 'reset')
      throw new UsageError('ERR_HTTP_INVALID_OPTION', 'option ending: must be "keep", "close" or "reset"')
    return this.#add({ kind: 'bytes', bytes: octets(bytes), ending })
  }

  /** Resets the connection in place of an answer. */
  reset(): this {
    return this.replyBytes('', 'reset')
  }

  /** Takes the request and never answers; the connection stays. */
  neverReply(): this {
    return this.#add({ kind: 'silence' })
  }

  /**
   * Asked by its mock: what to do with a request that is its own; `null`: it is not, or it has answered all that it should.
   *
   * @throws {MockError} REPLY: the answer was given already, and cannot be given again.
   */
  take(request: MockRequest): MockStep | null {
    if (this.#steps.length === 0 || this.#count >= this.#times) return null
    if (this.#method !== '*' && this.#method !== request.method) return null
    if (!this.#matches(request)) return null
    const step = this.#steps[Math.min(this.#count, this.#steps.length - 1)]!
    const isRepeated = this.#count >= this.#steps.length
    this.#count += 1
    if (isRepeated && step.kind === 'reply' && canBeHadOnce(step.reply.body))
      throw new MockError(
        'ERR_HTTP_MOCK_REPLY',
        `${this.name}: the body of the last reply can be had only once`,
      )
    return step
  }

  #add(step: MockStep): this {
    this.#steps.push(step)
    return this
  }
}

/** The answer of the first route that has one. */
export function route(routes: readonly MockRoute[], request: MockRequest): MockStep | null {
  for (const one of routes) {
    const step = one.take(request)
    if (step !== null) return step
  }
  return null
}

/** Names the request and what was prepared. */
export function unexpected(request: MockRequest, routes: readonly MockRoute[]): MockError {
  const known = routes.map(({ name, requestCount }) => `${name} (asked for ${requestCount} times)`)
  return new MockError(
    'ERR_HTTP_MOCK_UNEXPECTED',
    `unexpected request: ${request.method} ${request.url}; expected: ${known.join(', ') || 'nothing'}`,
  )
}

function matching(matcher: MockMatcher): (request: MockRequest) => boolean {
  if (typeof matcher === 'function') return matcher
  if (matcher instanceof RegExp) {
    // A copy: one that is global or sticky would go on where it has ended.
    const pattern = new RegExp(matcher.source, matcher.flags.replace(/[gy]/g, ''))
    return ({ url }) => pattern.test(url)
  }
  const text = String(matcher)
  const isPath = text.startsWith('/') && !text.startsWith('//')
  const base = isPath ? 'http://any.invalid' : undefined
  // An authority is what CONNECT asks for.
  if (!isPath && !/^https?:/i.test(text)) return ({ url }) => url === text
  if (!URL.canParse(text, base)) throw new UsageError('ERR_HTTP_INVALID_URL', `not a URL: ${text}`)
  const { origin, pathname, search } = new URL(text, base)
  return ({ url }) => {
    if (!URL.canParse(url)) return false
    const asked = new URL(url)
    return (isPath || asked.origin === origin) && asked.pathname + asked.search === pathname + search
  }
}

/** Generators and streams; a list gives its pieces each time. */
function canBeHadOnce(body: MockReply['body']): boolean {
  return typeof body === 'object' && ('next' in body || 'getReader' in body || 'read' in body)
}

function octets(bytes: Uint8Array | string): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes.slice()
  return Uint8Array.from(bytes, (character) => {
    const octet = character.codePointAt(0)!
    if (octet <= 0xff) return octet
    throw new UsageError('ERR_HTTP_INVALID_OPTION', 'option bytes: text must be of characters below U+0100')
  })
}
