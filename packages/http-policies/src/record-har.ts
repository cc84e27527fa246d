/** A record of all exchanges as an HTTP archive (HAR 1.2), which browsers' tools and others can show. */
import type { ClientRequest, ClientResponse, Middleware } from '@x/http-session'
import { ContentRecord, recordedBody } from './har-body.ts'
import { harRequest, harResponse, harTimings, noResponse } from './har-entry.ts'
import type { HarEntry, HarRequest, RecordedContent } from './har-entry.ts'
import { checkCount, checkFunction, invalidOption, refuseUnknown } from './options.ts'
import { named } from './named.ts'

/** What `recordHar` can be told. */
export interface RecordHarOptions {
  /** The last so many entries are kept. Default 1,000. */
  maxEntries?: number
  /** Longer content, of a request or a response, is counted and not kept; 0: none is. Default 1 MiB. */
  maxContentBytes?: number
  /** Names of fields, besides the four with credentials, whose values are left out. */
  redact?: readonly string[]
  /** `keep` records `Authorization`, `Proxy-Authorization`, `Cookie` and `Set-Cookie` too: the archive is a secret then. Default `redact`. */
  credentials?: 'redact' | 'keep'
  /** Who is named as the archive's creator. Default `{ name: 'http-policies', version: 'unknown' }`. */
  creator?: { readonly name: string; readonly version: string }
  /** Milliseconds since 1970. Default `Date.now`. */
  wallClock?: () => number
}

/** An HTTP archive. */
export interface Har {
  /** The names are those of HAR 1.2; `pages` is always empty. */
  readonly log: {
    readonly version: '1.2'
    readonly creator: { readonly name: string; readonly version: string }
    readonly pages: readonly never[]
    /** In the order in which the requests began. */
    readonly entries: readonly HarEntry[]
  }
}

/** A middleware, and what it has recorded. `JSON.stringify` of it is the archive. */
export interface HarRecorder extends Middleware {
  /** Exchanges that are over so far. */
  toJSON(): Har
  /** Forgets all entries; exchanges that have begun are not recorded any more. */
  clear(): void
}

const KNOWN: ReadonlySet<string> = new Set<keyof RecordHarOptions>([
  'maxEntries',
  'maxContentBytes',
  'redact',
  'credentials',
  'creator',
  'wallClock',
])
const CREDENTIALS = ['authorization', 'proxy-authorization', 'cookie', 'set-cookie']

interface Settings {
  readonly maxEntries: number
  readonly maxContentBytes: number
  readonly secrets: ReadonlySet<string>
  readonly creator: { readonly name: string; readonly version: string }
  readonly wallClock: () => number
}

/** One exchange; `null` while it is not over. */
interface Slot {
  entry: HarEntry | null
}

/**
 * Records what passes: the last middleware of a list sees what goes over the wire, the first one what the caller sees. Every hop of a chain of
 * redirects is an entry; a request that fails is one with the status 0.
 *
 * Bodies are recorded as they are read; those of requests where they can be had again. Contents may be confidential: `maxContentBytes: 0` records
 * none. A connection that is handed over (101) is not looked into.
 *
 * @throws {UsageError} INVALID_OPTION.
 */
export function recordHar(options: RecordHarOptions = {}): HarRecorder {
  const settings = settingsOf(options)
  const { maxEntries, creator } = settings
  let slots: Slot[] = []
  const middleware: Middleware = async (request, next) => {
    const slot: Slot = { entry: null }
    slots.push(slot)
    if (slots.length > maxEntries) slots.shift()
    return observed(request, next, settings, (entry) => (slot.entry = entry))
  }
  return Object.assign(named('recordHar', middleware), {
    toJSON: (): Har => {
      const entries = slots.flatMap(({ entry }) => (entry === null ? [] : [entry]))
      return { log: { version: '1.2', creator, pages: [], entries } }
    },
    clear: () => void (slots = []),
  })
}

async function observed(
  request: ClientRequest,
  next: Parameters<Middleware>[1],
  settings: Settings,
  onEntry: (entry: HarEntry) => void,
): Promise<ClientResponse> {
  const { secrets, wallClock } = settings
  const startedDateTime = new Date(wallClock()).toISOString()
  const startedAt = request.now()
  const made: HarRequest = harRequest(
    {
      method: request.method,
      url: request.url,
      fields: request.headers,
      // The source may take its time, and the request may end before.
      content: request.hasBody ? await request.until(contentOf(request, settings.maxContentBytes)) : null,
      contentType: request.contentType,
      bodyByteCount: request.bodyByteCount,
    },
    secrets,
  )
  const begun = { startedDateTime, request: made, cache: {} }
  try {
    const response = await next(request)
    return recorded(request, response, settings, (content) => {
      const { status, reasonPhrase, httpVersion, headers, progress } = response
      const sentByteCount = progress.bytesReceived
      const record = { status, reasonPhrase, httpVersion, fields: headers, content, sentByteCount }
      const steps = harTimings(request.now() - startedAt, response.timings)
      onEntry({ ...begun, ...steps, response: harResponse(record, secrets) })
    })
  } catch (error) {
    const steps = harTimings(request.now() - startedAt, null)
    const comment = error instanceof Error ? `${error.name}: ${error.message}` : 'given up'
    onEntry({ ...begun, ...steps, response: noResponse(), comment })
    throw error
  }
}

/** The same response, of which `onEnd` is told when its body is over. */
function recorded(
  request: ClientRequest,
  response: ClientResponse,
  { maxContentBytes }: Settings,
  onEnd: (content: RecordedContent) => void,
): ClientResponse {
  const { status, reasonPhrase, headers, httpVersion, contentCodings } = response
  if (status < 200 || request.method === 'HEAD' || status === 204 || status === 205 || status === 304) {
    onEnd({ byteCount: 0, bytes: new Uint8Array() })
    return response
  }
  const body = recordedBody(response, new ContentRecord(maxContentBytes), onEnd)
  const trailers = (): ClientResponse['trailers'] => response.trailers
  return request.respond({ status, reasonPhrase, headers, httpVersion, contentCodings, trailers, body })
}

async function contentOf(request: ClientRequest, maxByteCount: number): Promise<RecordedContent> {
  const { bodyByteCount, canResendBody } = request
  const record = new ContentRecord(maxByteCount)
  const byteCount = bodyByteCount ?? 0
  if (byteCount > maxByteCount) return { byteCount, bytes: null, why: `more than ${maxByteCount} bytes` }
  if (!canResendBody) return { byteCount, bytes: null, why: 'it can be had only once' }
  try {
    for await (const chunk of request.openBody()) {
      record.add(chunk)
      if (record.isFull) break
    }
  } catch {
    // Whoever sends it will be told.
    return record.end('its source has failed')
  }
  return record.end(null)
}

function settingsOf(options: RecordHarOptions): Settings {
  refuseUnknown('recordHar', options, KNOWN)
  const {
    redact = [],
    credentials = 'redact',
    creator = { name: 'http-policies', version: 'unknown' },
  } = options
  if (!Array.isArray(redact) || !redact.every((name) => typeof name === 'string'))
    throw invalidOption('redact', 'must be a list of names')
  if (credentials !== 'redact' && credentials !== 'keep')
    throw invalidOption('credentials', 'must be "redact" or "keep"')
  const secrets = [...(credentials === 'keep' ? [] : CREDENTIALS), ...redact]
  return {
    maxEntries: checkCount('maxEntries', options.maxEntries ?? 1000, 1),
    maxContentBytes: checkCount('maxContentBytes', options.maxContentBytes ?? 1_048_576, 0),
    secrets: new Set(secrets.map((name) => name.toLowerCase())),
    creator,
    wallClock: checkFunction('wallClock', options.wallClock ?? Date.now),
  }
}
