import { expect, test } from 'vitest'
import { answeringBy, fieldOf, memoryServer, responseText, settle } from './memory-server.test-support.ts'
import type { MemoryServer } from './memory-server.test-support.ts'
import { paginate, paginateItems } from './paginate.ts'
import type { PaginateOptions } from './paginate.ts'

const URL = 'http://a.example/items'

/** Answers by target; with `Link: next` where there is one. */
function pages(
  table: Record<string, { body?: unknown; next?: string; status?: number; location?: string }>,
): MemoryServer & { requests: string[] } {
  const requests: string[] = []
  const server = memoryServer(
    answeringBy((request) => {
      requests.push(request)
      const target = `${fieldOf(request, 'host') === 'a.example' ? '' : fieldOf(request, 'host')}${request.split(' ')[1]!}`
      const { body = [], next, status = 200, location } = table[target] ?? { status: 404 }
      const fields = {
        ...(next === undefined ? {} : { Link: `<http://a.example/>; rel="first", ${next}` }),
        ...(location === undefined ? {} : { Location: location }),
      }
      return responseText(status, fields, JSON.stringify(body))
    }),
  )
  return { ...server, requests }
}

const THREE = {
  '/items?size=2': { body: [1, 2], next: '</items?p=2>; rel="next"' },
  '/items?p=2': { body: [3], next: '<?p=3#x>; rel=next' },
  '/items?p=3': { body: [4, 5] },
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list = []
  for await (const item of items) list.push(item)
  return list
}

test('pages by Link, each asked for when it is wanted, with the same fields', async () => {
  const { session, requests } = pages(THREE)
  const seen: unknown[] = []
  const request = { query: { size: 2 }, headers: { authorization: 'secret' } }
  for await (const { url, body, index, response } of paginate(session, URL, { request })) {
    seen.push([index, url, body, response.status])
    expect(requests).toHaveLength(index + 1)
  }
  expect(seen).toEqual([
    [0, `${URL}?size=2`, [1, 2], 200],
    [1, `${URL}?p=2`, [3], 200],
    [2, `${URL}?p=3`, [4, 5], 200],
  ])
  expect(requests.map((one) => fieldOf(one, 'authorization'))).toEqual(['secret', 'secret', 'secret'])
})

test('items of all pages; whoever leaves asks for no further page', async () => {
  const { session, requests } = pages(THREE)
  expect(await all(paginateItems<number>(session, `${URL}?size=2`))).toEqual([1, 2, 3, 4, 5])
  for await (const item of paginateItems<number>(session, `${URL}?size=2`)) if (item === 2) break
  expect(requests).toHaveLength(4)
})

test('a cursor in the body, items of its own, bodies read otherwise', async () => {
  interface Body {
    list: string[]
    cursor: string | null
  }
  const { session } = pages({
    '/items': { body: { list: ['a', 'b'], cursor: 'x y' } },
    '/items?cursor=x%20y': { body: { list: ['c'], cursor: '' } },
  })
  const items = paginateItems<string, Body>(session, URL, {
    read: async (response) => JSON.parse((await response.text()).replace('"a"', '"A"')) as Body,
    next: ({ body: { cursor } }) => cursor && `?cursor=${encodeURIComponent(cursor)}`,
    items: ({ body }) => body.list,
  })
  expect(await all(items)).toEqual(['A', 'b', 'c'])
})

const REFUSED: { name: string; next: string; code: string; options?: PaginateOptions }[] = [
  { name: 'another host', next: '<http://b.example/>', code: 'ORIGIN' },
  { name: 'another port', next: '<http://a.example:8080/>', code: 'ORIGIN' },
  { name: 'another scheme', next: '<https://a.example/>', code: 'ORIGIN' },
  { name: 'a scheme that is none of ours', next: '<file:///etc/passwd>', code: 'ORIGIN' },
  { name: 'no URL', next: '<http://>', code: 'URL' },
  { name: 'the same page', next: '<>', code: 'LOOP' },
  { name: 'the same page with a user and a fragment', next: '<http://u:p@a.example/items#x>', code: 'LOOP' },
  { name: 'one page too many', next: '<?p=2>', code: 'LIMIT', options: { maxPages: 1 } },
]
for (const { name, next, code, options } of REFUSED) {
  test(`refused: ${name}; the page before was given out`, async () => {
    const { session, requests } = pages({ '/items': { body: ['a'], next: `${next}; rel=next` } })
    const got: unknown[] = []
    const reading = (async () => {
      for await (const { body } of paginate(session, URL, options)) got.push(body)
    })()
    await expect(reading).rejects.toMatchObject({
      name: 'PaginationError',
      code: `ERR_HTTP_PAGE_${code}`,
      url: URL,
    })
    expect(got).toEqual([['a']])
    expect(requests).toHaveLength(1)
  })
}

test('another origin that is named is followed', async () => {
  const { session } = pages({
    '/items': { body: [1], next: '<http://b.example/x>; rel=next' },
    'b.example/x': { body: [2] },
  })
  expect(await all(paginateItems(session, URL, { origins: ['http://b.example/any'] }))).toEqual([1, 2])
})

test('a first page that is redirected elsewhere does not widen what gets the credentials', async () => {
  const { session } = pages({
    '/items': { status: 302, location: 'http://b.example/x' },
    'b.example/x': { body: [1], next: '<?p=2>; rel=next' },
  })
  await expect(all(paginate(session, URL))).rejects.toMatchObject({
    code: 'ERR_HTTP_PAGE_ORIGIN',
    url: 'http://b.example/x',
  })
})

test('a page that leads back to one before by a redirect is not given out again', async () => {
  const { session, requests } = pages({
    '/items': { body: [1], next: '<?p=2>; rel=next' },
    '/items?p=2': { body: [2], next: '<?p=3>; rel=next' },
    '/items?p=3': { status: 302, location: '/items?p=2' },
  })
  const got: unknown[] = []
  const reading = (async () => {
    for await (const item of paginateItems(session, URL)) got.push(item)
  })()
  await expect(reading).rejects.toMatchObject({ code: 'ERR_HTTP_PAGE_LOOP', url: `${URL}?p=2` })
  expect(got).toEqual([1, 2])
  expect(requests).toHaveLength(4)
})

test('a page that is redirected elsewhere is one page, also where it is the first', async () => {
  const { session } = pages({
    '/items': { status: 302, location: '/first' },
    '/first': { body: [1], next: '</items?p=2>; rel=next' },
    '/items?p=2': { status: 302, location: '/second' },
    '/second': { body: [2] },
  })
  expect(await all(paginateItems(session, URL))).toEqual([1, 2])
})

test('the user that the first URL names asks for all pages of its origin, and for none of another', async () => {
  const { session, requests } = pages({
    '/items': { body: [1], next: '<http://x:y@a.example/items?p=2>; rel=next' },
    '/items?p=2': { body: [2], next: '<http://b.example/x>; rel=next' },
    'b.example/x': { body: [3], next: '<http://a.example/items?p=3>; rel=next' },
    '/items?p=3': { body: [4] },
  })
  const items = paginateItems(session, 'http://u:p@a.example/items', { origins: ['http://b.example'] })
  expect(await all(items)).toEqual([1, 2, 3, 4])
  const basic = `Basic ${btoa('u:p')}`
  expect(requests.map((one) => fieldOf(one, 'authorization'))).toEqual([basic, basic, undefined, basic])
})

test('errors: statuses, unless they are allowed; bodies; what next throws; what is no list', async () => {
  const { session } = pages({ '/items': { body: { a: 1 } } })
  await expect(all(paginate(session, `${URL}?missing`))).rejects.toMatchObject({
    code: 'ERR_HTTP_STATUS',
    status: 404,
  })
  const lax = all(paginate(session, `${URL}?missing`, { request: { throwOnStatus: false } }))
  expect(await lax).toMatchObject([{ body: [] }])
  await expect(all(paginateItems(session, URL))).rejects.toMatchObject({ code: 'ERR_HTTP_INVALID_OPTION' })
  const mine = new Error('mine')
  const next = (): never => {
    throw mine
  }
  await expect(all(paginate(session, URL, { next }))).rejects.toBe(mine)
})

test('options that are wrong are told at once', () => {
  const { session } = pages({})
  for (const options of [
    { max: 1 },
    { maxPages: 0 },
    { next: 1 },
    { read: 1 },
    { origins: 'x' },
    { origins: ['x'] },
  ])
    expect(() => paginate(session, URL, options as never)).toThrow(
      expect.objectContaining({ code: 'ERR_HTTP_INVALID_OPTION' }),
    )
  expect(() => paginateItems(session, URL, { items: 1 } as never)).toThrow(
    expect.objectContaining({ code: 'ERR_HTTP_INVALID_OPTION' }),
  )
})

test('a page that cannot be read is given up', async () => {
  const { session, openCount } = memoryServer(async ({ reader, writer }) => {
    await reader.readUntil('\r\n\r\n')
    writer.writeText('HTTP/1.1 200 X\r\nContent-Length: 1000000\r\n\r\nabc')
  })
  const source = paginate(session, URL, { read: () => Promise.reject(new Error('mine')) })
  await expect(source.next()).rejects.toThrow('mine')
  await settle()
  expect(openCount()).toBe(0)
})
