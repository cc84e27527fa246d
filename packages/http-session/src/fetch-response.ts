/** A session's response as the runtime's `Response`. */
import { bodyTooLarge } from './response-body.ts'
import { exchangeOf, maxBodyBytesOf } from './response.ts'
import type { ClientResponse } from './response.ts'

/** What a `Response` that was made by hand does not know of itself. */
interface ResponseFacts {
  readonly status: number
  readonly reasonPhrase: string
  readonly url: string
  readonly redirected: boolean
  readonly limit: ReadLimit
}

/** How much of a body is read; what clones read counts, too. */
interface ReadLimit {
  /** As a whole: the session's `maxBodyBytes`. */
  readonly maxBodyBytes: number
  /** As it is being read. As a stream without end. */
  maxByteCount: number
}

export function readLimit(response: ClientResponse): ReadLimit {
  return { maxBodyBytes: maxBodyBytesOf(response), maxByteCount: Infinity }
}

/** The ways to read a body as a whole; the last one not everywhere. */
const WHOLE = ['arrayBuffer', 'blob', 'formData', 'json', 'text', 'bytes'] as const

/** Statuses of responses without a body, as fetch has them. */
const NULL_BODY: ReadonlySet<number> = new Set([101, 103, 204, 205, 304])

/** A `Response` that has come from somewhere: it has a URL, and any status of three digits. */
export class FetchResponse extends Response {
  static {
    const inherited: Partial<Response> = Response.prototype
    for (const name of WHOLE) {
      const read = inherited[name] as ((this: Response) => Promise<unknown>) | undefined
      if (read === undefined) continue
      const value = function (this: FetchResponse): Promise<unknown> {
        const { limit } = this.#facts
        // Else it is the stream that is read, if anything.
        if (!this.bodyUsed && this.body?.locked === false) limit.maxByteCount = limit.maxBodyBytes
        return read.call(this)
      }
      Object.defineProperty(this.prototype, name, { value, writable: true, configurable: true })
    }
  }

  readonly #facts: ResponseFacts

  constructor(body: ReadableStream<Uint8Array> | null, headers: Headers, facts: ResponseFacts) {
    const { status, reasonPhrase } = facts
    // The constructor takes no others.
    const isKnown = status <= 599
    super(body as ReadableStream<Uint8Array<ArrayBuffer>> | null, {
      status: isKnown ? status : 200,
      statusText: reasonPhrase,
      headers,
    })
    this.#facts = facts
  }

  override get status(): number {
    // Some runtimes ask before the constructor has returned.
    return #facts in this ? this.#facts.status : super.status
  }

  override get ok(): boolean {
    return this.status >= 200 && this.status <= 299
  }

  override get url(): string {
    return this.#facts.url
  }

  override get redirected(): boolean {
    return this.#facts.redirected
  }

  override get type(): ResponseType {
    return 'basic'
  }

  override clone(): Response {
    const copy = super.clone()
    return copyOf(copy, this.#facts)
  }
}

/** Not within the class: bundlers rename a class whose body names it, and that name would be printed. */
function copyOf({ body, headers }: Response, facts: ResponseFacts): Response {
  return new FetchResponse(body, headers, facts)
}

/**
 * The body, which fails as fetch's does: with the signal's reason, or a TypeError "terminated". `null`: there can be none.
 *
 * @param limit Asked again with each piece.
 */
export function responseBody(
  method: string,
  response: ClientResponse,
  signal: AbortSignal | undefined,
  limit: ReadLimit,
): ReadableStream<Uint8Array> | null {
  if (method === 'HEAD' || NULL_BODY.has(response.status)) {
    response.discard()
    return null
  }
  const chunks = limited(response, limit)
  return new ReadableStream(
    {
      type: 'bytes',
      async pull(controller) {
        const { done, value } = await chunks.next().catch((cause: unknown) => {
          if (signal?.aborted === true && cause === signal.reason) throw cause
          throw new TypeError('terminated', { cause })
        })
        // It is in memory of its own, of which a byte stream takes possession.
        if (done !== true) return controller.enqueue(value as Uint8Array<ArrayBuffer>)
        controller.close()
        // A reader that waits with its own memory is told only by an answer to its request.
        controller.byobRequest?.respond(0)
      },
      cancel() {
        response.discard()
      },
    },
    { highWaterMark: 0 },
  )
}

async function* limited(response: ClientResponse, limit: ReadLimit): AsyncGenerator<Uint8Array> {
  let byteCount = 0
  for await (const chunk of response) {
    byteCount += chunk.length
    if (byteCount > limit.maxByteCount) throw bodyTooLarge(exchangeOf(response), limit.maxByteCount, null)
    yield chunk
  }
}
