import type { ClientRequest, ClientResponse, Middleware, Next } from '@x/http-session'
import { checkCount, checkNumber, invalidOption, refuseUnknown } from './options.ts'
import { SharedFlight } from './shared-flight.ts'
import type { FlightEnd } from './shared-flight.ts'
import { mayBeShared, mayShare, shareKey } from './shared-requests.ts'
import { named } from './named.ts'

/** Which calls share one response, and how much of it is kept for that. */
export interface CoalesceOptions {
  /** Longer content is for the first caller alone. Default 1 MiB, with content codings undone. */
  maxBodyBytes?: number
  /** So is content that is not whole so long after its head, from its next bytes or the next request on. Milliseconds; default 2,000. */
  maxCollectMs?: number
  /** Fields that may differ, such as one that names the request in logs. Without case; default none. */
  ignoredFields?: readonly string[]
}

const KNOWN: ReadonlySet<string> = new Set<keyof CoalesceOptions>([
  'maxBodyBytes',
  'maxCollectMs',
  'ignoredFields',
])

/**
 * Sends requests that are the same only once while one is on its way: the answer is for all who have asked meanwhile, each with content of its own.
 *
 * The same are GET and HEAD of one URL, without content, whose fields are all equal, `Authorization` and `Cookie` among them, and whose time limits
 * and `contentDecoding` are. Not those with `Cache-Control: no-store` or `Upgrade`.
 *
 * The caller that came first gets the response as it comes. The others get theirs when it is whole, and send requests of their own where it is too
 * long, takes too long, or is a stream by its media type. An error of the first request is the error of all. Who is aborted leaves alone: where
 * that is the first one, or where its `totalMs` has passed, the next one sends the request again.
 *
 * Memory: up to `maxBodyBytes` for each exchange that is on its way, and a copy of the content for each who gets it.
 *
 * @throws {UsageError} INVALID_OPTION.
 */
export function coalesce(options: CoalesceOptions = {}): Middleware {
  refuseUnknown('coalesce', options, KNOWN)
  const { maxBodyBytes = 1_048_576, maxCollectMs = 2000, ignoredFields = [] } = options
  if (!Array.isArray(ignoredFields) || !ignoredFields.every((name) => typeof name === 'string'))
    throw invalidOption('ignoredFields', 'must be a list of names')
  const limits = {
    maxBodyBytes: checkCount('maxBodyBytes', maxBodyBytes, 0),
    maxCollectMs: checkNumber('maxCollectMs', maxCollectMs, 0, Infinity),
  }
  const ignored = new Set(ignoredFields.map((name) => name.toLowerCase()))
  /** As many as there are requests on their way. */
  const flights = new Map<string, SharedFlight>()
  const lead = async (key: string, request: ClientRequest, next: Next): Promise<ClientResponse> => {
    const flight = new SharedFlight(request, limits, () => flights.delete(key))
    flights.set(key, flight)
    let response
    try {
      response = await next(request)
    } catch (error) {
      flight.fail(error)
      throw error
    }
    if (mayBeShared(response.headers, maxBodyBytes)) return answer(request, response, flight.carry(response))
    flight.end({ kind: 'alone' })
    return response
  }
  return named('coalesce', async (request, next) => {
    if (!mayShare(request)) return next(request)
    const key = shareKey(request, ignored)
    for (;;) {
      const flight = flights.get(key)
      if (flight === undefined) return lead(key, request, next)
      const end = await endOf(flight, request)
      if (end.kind === 'shared') return answer(request, end.response, end.content.slice())
      if (end.kind === 'failed') throw end.error
      if (end.kind === 'alone') return next(request)
    }
  })
}

async function endOf(flight: SharedFlight, request: ClientRequest): Promise<FlightEnd> {
  flight.join(request.now())
  try {
    return await request.until(flight.ended)
  } finally {
    flight.leave()
  }
}

function answer(
  request: ClientRequest,
  response: ClientResponse,
  body: Uint8Array | AsyncIterable<Uint8Array>,
): ClientResponse {
  const { status, reasonPhrase, headers, httpVersion, contentCodings } = response
  const trailers = (): ClientResponse['trailers'] => response.trailers
  return request.respond({ status, reasonPhrase, headers, httpVersion, contentCodings, body, trailers })
}
