import type { ClientResponse, Middleware } from '@x/http-session'
import { checkCount, checkFlag, checkFunction, refuseUnknown } from './options.ts'
import { mayResume, representationOf } from './resume-plan.ts'
import { ResumedBody } from './resumed-body.ts'
import type { ResumeAttempt } from './resumed-body.ts'
import { limitsOf } from './retry.ts'
import type { RetryOptions } from './retry.ts'
import { named } from './named.ts'

/** How interrupted downloads go on. The waits are those of `retry`; they grow only while no byte comes. */
export interface ResumeOptions extends Pick<
  RetryOptions,
  'baseMs' | 'maxDelayMs' | 'maxRetryAfterMs' | 'random' | 'wallClock'
> {
  /** Attempts to go on, for each response. Default 5. */
  maxResumes?: number
  /** Asks for content without content codings, of which alone the rest can be had while codings are undone. Default false. */
  identity?: boolean
  /** Called before each wait; to answer `false` ends it there. What it throws the body fails with. */
  onResume?: (attempt: ResumeAttempt) => boolean | void
}

const KNOWN: ReadonlySet<string> = new Set<keyof ResumeOptions>([
  'baseMs',
  'maxDelayMs',
  'maxRetryAfterMs',
  'random',
  'wallClock',
  'maxResumes',
  'identity',
  'onResume',
])

/**
 * Downloads that break off go on where they were: the rest is asked for with `Range` and `If-Range` (RFC 9110 section 14), and the caller reads
 * one body, with the head of the first response.
 *
 * For GET without content and without a `Range` of the caller's, answered by 200 with a strong validator: a strong entity tag, or, where there is
 * no tag, a `Last-Modified` a minute before `Date`; not with `Accept-Ranges: none`, and not where a content coding is undone. All else is handed
 * on as it came. A body that ends early, or of which nothing comes for `bodyIdleMs`, is an interruption; an abort, `totalMs` and what is wrong with
 * the content are not. `progress` counts what was read, and has no total before the end.
 *
 * The body then fails with a ResumeError where the server has another representation by now, or sends another part than the one asked for; with the
 * first error where the rest cannot be had otherwise.
 *
 * @throws {UsageError} INVALID_OPTION.
 */
export function resume(options: ResumeOptions = {}): Middleware {
  refuseUnknown('resume', options, KNOWN)
  const { maxResumes = 5, identity = false, onResume } = options
  const { baseMs, maxDelayMs, maxRetryAfterMs, random = Math.random, wallClock = Date.now } = options
  const policy = {
    maxResumes: checkCount('maxResumes', maxResumes, 0),
    limits: limitsOf({
      maxRetries: Infinity,
      ...(baseMs === undefined ? {} : { baseMs }),
      ...(maxDelayMs === undefined ? {} : { maxDelayMs }),
      ...(maxRetryAfterMs === undefined ? {} : { maxRetryAfterMs }),
    }),
    random: checkFunction('random', random),
    wallClock: checkFunction('wallClock', wallClock),
    onResume: onResume === undefined ? undefined : checkFunction('onResume', onResume),
  }
  const isIdentity = checkFlag('identity', identity)
  return named('resume', async (asked, next) => {
    if (!mayResume(asked)) return next(asked)
    const request = isIdentity ? asked.with({ headers: { 'Accept-Encoding': 'identity' } }) : asked
    const response = await next(request)
    const representation = representationOf(response)
    if (representation === null || hasAllCome(response)) return response
    const { status, reasonPhrase, headers, httpVersion, contentCodings } = response
    const body = new ResumedBody({ request, next, response, representation }, policy)
    const trailers = (): ClientResponse['trailers'] => body.response.trailers
    return request.respond({ status, reasonPhrase, headers, httpVersion, contentCodings, body, trailers })
  })
}

function hasAllCome({ progress }: ClientResponse): boolean {
  return progress.bytesReceived === progress.bytesToReceive
}
