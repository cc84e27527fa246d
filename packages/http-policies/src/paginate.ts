/** Pages that lead from one to the next, as an async iterable. */
import type { ClientResponse, ClientSession, RequestOptions } from '@x/http-session'
import { PaginationError } from './errors.ts'
import { parseLinks, targetOf } from './link-header.ts'
import { checkCount, checkFunction, invalidOption, refuseUnknown } from './options.ts'

/** One page. */
export interface Page<Body> {
  /** Without user information and fragment. */
  readonly url: string
  /** What `read` has made of it; by default its JSON, unchecked. */
  readonly body: Body
  /** Its body was read. */
  readonly response: ClientResponse
  /** Counted from 0. */
  readonly index: number
}

/** What `paginate` can be told. */
export interface PaginateOptions<Body = unknown> {
  /** Of each request; `throwOnStatus` is true by default. `query` belongs to the first one: the others are as the server says. */
  request?: RequestOptions
  /** How a body is read. Default: as JSON. */
  read?: (response: ClientResponse) => Promise<Body>
  /**
   * Where the next page is: a URL, perhaps relative to the page's own, such as `?cursor=…`; nothing, or empty, behind the last page. Default: the link of the
   * relation `next` in `Link` (RFC 8288).
   */
  next?: (page: Page<Body>) => string | URL | null | undefined
  /** Pages at most: to need another is an error, for nothing is left out in silence. Default 1,000. Whoever wants fewer leaves the loop. */
  maxPages?: number
  /** Origins besides the first page's that a page may be on: they get the same fields, credentials included. Default: none. */
  origins?: readonly string[]
}

/** What `paginateItems` can be told. */
export interface PaginateItemsOptions<Item, Body = unknown> extends PaginateOptions<Body> {
  /** The items of a page. Default: the body itself, which has to be a list. */
  items?: (page: Page<Body>) => Iterable<Item>
}

const KNOWN: ReadonlySet<string> = new Set<keyof PaginateItemsOptions<unknown>>([
  'request',
  'read',
  'next',
  'maxPages',
  'origins',
  'items',
])

interface Plan<Body> {
  readonly request: RequestOptions
  readonly read: (response: ClientResponse) => Promise<Body>
  readonly next: (page: Page<Body>) => string | URL | null | undefined
  readonly maxPages: number
  readonly origins: ReadonlySet<string>
}

/**
 * The pages, one after the other; each is asked for when the loop wants it. GET.
 *
 * @param session Of which only `request` is used.
 * @throws {UsageError} INVALID_OPTION. At once; what follows while it is iterated:
 * @throws {PaginationError} LIMIT, LOOP, ORIGIN, URL.
 * @throws What the request and the reading of the body reject with, and what `next` throws.
 */
export function paginate<Body = unknown>(
  session: Pick<ClientSession, 'request'>,
  url: string | URL,
  options: PaginateOptions<Body> = {},
): AsyncGenerator<Page<Body>, void, undefined> {
  return pagesOf(session, String(url), planOf(options))
}

/**
 * The items of all pages, one by one; a page is asked for when the items before it are through.
 *
 * @throws As `paginate`; PaginationError URL never.
 * @throws {UsageError} INVALID_OPTION: a body is no list, and there is no `items`.
 */
export function paginateItems<Item = unknown, Body = unknown>(
  session: Pick<ClientSession, 'request'>,
  url: string | URL,
  options: PaginateItemsOptions<Item, Body> = {},
): AsyncGenerator<Item, void, undefined> {
  const items = checkFunction('items', options.items ?? ownItems<Item, Body>)
  return itemsOf(pagesOf(session, String(url), planOf(options)), items)
}

async function* itemsOf<Item, Body>(
  pages: AsyncIterable<Page<Body>>,
  items: (page: Page<Body>) => Iterable<Item>,
): AsyncGenerator<Item, void, undefined> {
  for await (const page of pages) yield* items(page)
}

async function* pagesOf<Body>(
  session: Pick<ClientSession, 'request'>,
  first: string,
  plan: Plan<Body>,
): AsyncGenerator<Page<Body>, void, undefined> {
  const { maxPages, read, next } = plan
  const { query, ...request } = plan.request
  const seen = new Set<string>()
  let origins = plan.origins
  let url = first
  /** The page that has led to it. */
  let from = first
  for (let index = 0; ; index++) {
    const withQuery = index === 0 && query !== undefined ? { query } : {}
    const response = await session.request('GET', url, { throwOnStatus: true, ...request, ...withQuery })
    // Of the first page as it was asked for: a redirect elsewhere must not widen what gets the credentials.
    const asked = response.redirects[0]?.url ?? response.url
    if (index === 0) origins = new Set([...origins, new URL(asked).origin])
    if (response.url !== asked && seen.has(response.url)) {
      response.discard()
      throw loopAt(from)
    }
    seen.add(asked).add(response.url)
    const page = { url: response.url, body: await readBy(read, response), response, index }
    yield page
    const target = next(page)
    if (target === null || target === undefined || target === '') return
    if (index + 1 >= maxPages)
      throw new PaginationError('ERR_HTTP_PAGE_LIMIT', page.url, `more than ${maxPages} pages`)
    from = page.url
    url = asUserOf(first, following(String(target), from, { seen, origins }))
  }
}

/** What fails may have left the body unread. */
async function readBy<Body>(read: Plan<Body>['read'], response: ClientResponse): Promise<Body> {
  try {
    return await read(response)
  } catch (error) {
    response.discard()
    throw error
  }
}

/** @throws {PaginationError} URL, ORIGIN, LOOP. */
function following(
  target: string,
  from: string,
  { seen, origins }: { seen: ReadonlySet<string>; origins: ReadonlySet<string> },
): string {
  if (!URL.canParse(target, from))
    throw new PaginationError('ERR_HTTP_PAGE_URL', from, 'the next page has no valid URL')
  const url = new URL(target, from)
  url.hash = ''
  // A server that can name a user could make the request act as somebody else.
  url.username = url.password = ''
  if (!origins.has(url.origin))
    throw new PaginationError(
      'ERR_HTTP_PAGE_ORIGIN',
      from,
      `the next page is on another origin, ${url.origin}`,
    )
  if (seen.has(url.href)) throw loopAt(from)
  return url.href
}

/** With the user that the caller's URL names, where it is of the same origin. */
function asUserOf(first: string, url: string): string {
  // A relative one names none.
  if (!URL.canParse(first)) return url
  const { origin, username, password } = new URL(first)
  const target = new URL(url)
  if (target.origin !== origin) return url
  target.username = username
  target.password = password
  return target.href
}

function loopAt(url: string): PaginationError {
  return new PaginationError('ERR_HTTP_PAGE_LOOP', url, 'the next page is one of those before')
}

function linked({ response, url }: Page<unknown>): string | null {
  const target = targetOf(parseLinks(response.headers.get('link') ?? ''), 'next')
  // An empty reference is the page itself, and not the end.
  return target === '' ? url : target
}

function ownItems<Item, Body>({ body, url }: Page<Body>): Iterable<Item> {
  if (Array.isArray(body)) return body as Item[]
  throw invalidOption('items', `is needed: the body of ${url} is no list`)
}

function planOf<Body>(options: PaginateOptions<Body>): Plan<Body> {
  refuseUnknown('paginate', options, KNOWN)
  const { request = {}, read = (response) => response.json<Body>(), next = linked } = options
  const { maxPages = 1000, origins = [] } = options
  if (
    !Array.isArray(origins) ||
    !origins.every((one: unknown) => typeof one === 'string' && URL.canParse(one))
  )
    throw invalidOption('origins', 'must be a list of URLs')
  return {
    request,
    read: checkFunction('read', read),
    next: checkFunction('next', next),
    maxPages: checkCount('maxPages', maxPages, 1),
    origins: new Set(origins.map((origin) => new URL(origin).origin)),
  }
}
