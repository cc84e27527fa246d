/** Each option with nonsense is refused when the thing is made, or the request, by an error that names the option. */
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { createConnector } from './connector.ts'
import { createAddressGuard, guarded } from './address-guard.ts'
import { ClientSession, followRedirects } from './index.ts'
import type { ClientRequest, Connector, Middleware } from './index.ts'
import { answering, HELLO, memoryServer } from './memory-server.test-support.ts'

const URL_A = 'http://a.example/'

type Nonsense = readonly unknown[]
const NUMBERS: Nonsense = [-1, Number.NaN, 'soon', null, {}, Object.create(null), 1n]
const LIMITS: Nonsense = [...NUMBERS, 0]
const COUNTS: Nonsense = [...NUMBERS, 0.5]
const FLAGS: Nonsense = [1, 'yes', null]
const OBJECTS: Nonsense = [5, 'text', null, true, () => {}, []]
const FUNCTIONS: Nonsense = [5, 'text', null, {}, []]
const LISTS: Nonsense = [5, 'text', null, {}, () => {}]
/** Neither records nor pairs. */
const NO_RECORDS: Nonsense = [5, null, true, () => {}, new Date(0), Promise.resolve(), new ReadableStream()]

const OF_SESSIONS: Record<string, Nonsense> = {
  baseUrl: [5, null, {}, '/a', 'ftp://a.example/'],
  middleware: LISTS,
  'middleware[1]': [5, 'text', null, {}, undefined],
  throwOnStatus: [5, 'text', null, {}],
  onTrace: FUNCTIONS,
  headers: [...NO_RECORDS, 'a: b'],
  timeouts: OBJECTS,
  maxBodyBytes: COUNTS,
  maxRedirects: COUNTS,
  allowInsecureRedirects: FLAGS,
  contentDecoding: [5, 'text', null, true, []],
  'contentDecoding.maxRatio': [...COUNTS, 0],
}
const OF_CONNECTIONS: Record<string, Nonsense> = {
  connector: FUNCTIONS,
  clock: [...OBJECTS, {}, { now: () => 0 }, { now: 5, setTimer: () => {} }],
  maxConnectionsPerOrigin: [...COUNTS, 0, Infinity],
  maxConnections: [...COUNTS, 0, Infinity],
  maxQueuedRequests: [...COUNTS, Infinity],
  idleTimeoutMs: LIMITS,
  maxConnectionAgeMs: LIMITS,
  maxRequestsPerConnection: [...COUNTS, 0],
  limits: OBJECTS,
  'limits.maxHeadBytes': COUNTS,
  'timeouts.dnsMs': LIMITS,
  'timeouts.connectMs': LIMITS,
  'timeouts.tlsMs': LIMITS,
}
const OF_CONNECT: Record<string, Nonsense> = {
  headers: [...NO_RECORDS, 'a: b'],
  signal: [...OBJECTS, {}, { aborted: false }],
  timeouts: OBJECTS,
  'timeouts.queueMs': LIMITS,
  'timeouts.continueMs': LIMITS,
  'timeouts.sendIdleMs': LIMITS,
  'timeouts.headersMs': LIMITS,
  'timeouts.bodyIdleMs': LIMITS,
  'timeouts.totalMs': LIMITS,
  onInformational: FUNCTIONS,
}
const OF_REQUESTS: Record<string, Nonsense> = {
  ...OF_CONNECT,
  middleware: LISTS,
  'middleware[1]': [5, 'text', null, {}],
  throwOnStatus: [5, 'text', null, {}],
  query: NO_RECORDS,
  form: NO_RECORDS,
  multipart: [...NO_RECORDS, 'text', [5], new Uint8Array(2)],
  'query.a': [{}, () => {}, Symbol('a'), [[1]]],
  'form.a': [{}, () => {}, Symbol('a'), [[1]]],
  'multipart.a': [{}, () => {}, Symbol('a'), [[1]]],
  body: [5, true, {}, new Date(0), Symbol('a')],
  json: [() => {}, Symbol('a'), 1n],
  trailers: [5, null, 'text', [5]],
  priority: [Number.NaN, Infinity, '1', null, {}],
  onProgress: FUNCTIONS,
  maxRedirects: COUNTS,
  allowInsecureRedirects: FLAGS,
  contentDecoding: [5, 'text', null, true, []],
  'contentDecoding.maxRatio': [...COUNTS, 0],
}

const session = (): ClientSession => memoryServer(answering(HELLO)).session

/** What a middleware sees. */
async function seen(use: (request: ClientRequest) => unknown): Promise<unknown> {
  const middleware: Middleware[] = [
    async (request) => {
      use(request)
      return request.respond({ status: 200 })
    },
  ]
  return session().get(URL_A, { middleware })
}

const TAKERS: {
  name: string
  call: (options: never) => unknown
  valid?: Record<string, unknown>
  options: Record<string, Nonsense>
}[] = [
  {
    name: 'a session',
    call: (options) => new ClientSession(options),
    options: { ...OF_SESSIONS, ...OF_CONNECTIONS, ...prefixed(OF_CONNECT, 'timeouts.') },
  },
  {
    name: 'extend',
    call: (options) => session().extend(options),
    options: { ...OF_SESSIONS, ...prefixed(OF_CONNECT, 'timeouts.') },
  },
  {
    name: 'request',
    call: (options) => session().request('POST', URL_A, options),
    options: OF_REQUESTS,
    valid: { body: 'a' },
  },
  {
    name: 'connect',
    call: (options) => session().connect(URL_A, 'b.example:1', options),
    options: OF_CONNECT,
  },
  {
    name: 'preconnect',
    call: (options) => session().preconnect(URL_A, options),
    options: { count: [...COUNTS, Infinity], signal: OBJECTS },
  },
  { name: 'close', call: (options) => session().close(options), options: { graceMs: NUMBERS } },
  {
    name: 'with',
    call: (options) => seen((request) => request.with(options)),
    options: {
      headers: NO_RECORDS,
      method: [5, null, 'a b'],
      url: [5, null, {}, () => {}, ['a']],
      withoutHeaders: [5, 'accept', null, {}, [5]],
      body: [5, true, {}],
    },
  },
  {
    name: 'respond',
    call: (options) => seen((request) => request.respond(options)),
    valid: { status: 200 },
    options: {
      status: [99, 199, 1000, 200.5, '200', null],
      reasonPhrase: [5, null, {}, 'a\r\nb: c'],
      headers: [5, null, 'text', [5]],
      body: [5, null, {}],
      httpVersion: ['2', 1.1, null],
      contentCodings: [5, 'gzip', null, [5]],
      trailers: [5, null, {}],
    },
  },
  {
    name: 'followRedirects',
    call: (options) => followRedirects(options),
    valid: { maxRedirects: 1, allowInsecureRedirects: false },
    options: { maxRedirects: [...COUNTS, undefined], allowInsecureRedirects: [...FLAGS, undefined] },
  },
  {
    name: 'createConnector',
    call: (options) => createConnector(options),
    options: {
      tls: OBJECTS,
      'tls.servername': [5, '', null],
      'tls.rejectUnauthorized': FLAGS,
      maxTlsSessions: COUNTS,
      unixPath: [5, '', null],
      localAddress: [5, '', null, 'nowhere'],
      dns: OBJECTS,
      'dns.ttlMs': NUMBERS,
      'dns.lookup': FUNCTIONS,
      guard: FUNCTIONS,
    },
  },
  {
    name: 'createAddressGuard',
    call: (options) => createAddressGuard(options),
    options: { allow: LISTS, deny: LISTS, 'allow[0]': [5, null, '', 'a b'], 'deny[1]': [5, null, 'a/b'] },
  },
]

function prefixed(options: Record<string, Nonsense>, prefix: string): Record<string, Nonsense> {
  return Object.fromEntries(Object.entries(options).filter(([path]) => path.startsWith(prefix)))
}

/** A value at a path: of `a`, of `b` in `a`, or the n-th of `a`, behind others that are as they should be. */
function optionsWith(path: string, value: unknown): Record<string, unknown> {
  const [, option = '', index, member] = /^(\w+)(?:\[(\d)\]|\.(\w+))?$/.exec(path) ?? []
  if (member !== undefined) return { [option]: { [member]: value } }
  if (index === undefined) return { [option]: value }
  const good =
    option === 'middleware' ? (request: unknown, next: (r: unknown) => unknown) => next(request) : '.a'
  return { [option]: [...Array.from({ length: Number(index) }, () => good), value] }
}

/** How an error tells of an option. */
function named(path: string): string | RegExp {
  if (path === 'headers') return /headers/
  if (/^(?:body|json|trailers|method|url|reasonPhrase)$/.test(path)) return new RegExp(path, 'i')
  const [option = '', member] = path.split('.')
  return member === undefined ? `option ${option}` : new RegExp(`option ${option}\\b.*${member}`)
}

async function errorOf(call: () => unknown): Promise<unknown> {
  try {
    await call()
  } catch (error) {
    return error
  }
  return null
}

for (const { name, call, valid = {}, options } of TAKERS) {
  for (const [path, nonsense] of Object.entries(options)) {
    test(`${name} refuses nonsense as ${path}`, async () => {
      for (const value of nonsense) {
        const { body, ...others } = { body: undefined, ...valid }
        const isContent = /^(?:json|form|multipart|body)\b/.test(path)
        const given = {
          ...others,
          ...(isContent || body === undefined ? {} : { body }),
          ...optionsWith(path, value),
        }
        const error = await errorOf(() => call(given as never))
        const what = `${path} = ${inspect(value)}`
        expect(error, what).toMatchObject({ name: 'UsageError' })
        expect((error as Error).message, what).toMatch(named(path))
      }
    })
  }

  test(`${name} refuses options that are none, and unknown ones`, async () => {
    for (const nonsense of OBJECTS) {
      const error = await errorOf(() => call(nonsense as never))
      expect(error).toMatchObject({ name: 'UsageError', code: 'ERR_HTTP_INVALID_OPTION' })
      expect((error as Error).message).toMatch(/^options of .*: must be an object, got /)
    }
    expect(await errorOf(() => call({ ...valid, pool: 5 } as never))).toMatchObject({
      code: 'ERR_HTTP_INVALID_OPTION',
      message: expect.stringContaining('pool') as string,
    })
  })
}

test('extend is given something to extend by', () => {
  expect(() => session().extend(undefined as never)).toThrow(
    'options of extend: must be an object, got undefined',
  )
})

test('extend keeps what is undefined, and headers that could be read once', async () => {
  const told: unknown[] = []
  const { session: first } = memoryServer(answering(HELLO), {
    baseUrl: URL_A,
    headers: new Map([['x-a', '1']]).entries(),
    timeouts: { totalMs: 5000, queueMs: 4000 },
    middleware: [
      (request, next) => {
        const { totalMs, queueMs } = request.timeouts
        told.push(request.headers.get('x-a'), totalMs, queueMs)
        return next(request)
      },
    ],
  })
  const nothing = { baseUrl: undefined, headers: undefined, middleware: undefined }
  const timeouts = { totalMs: undefined, queueMs: 3000 }
  await first.extend({ ...nothing, timeouts } as never).get('b')
  await first.extend({ ...nothing, timeouts: undefined } as never).get('b')
  expect(told).toEqual(['1', 5000, 3000, '1', 5000, 4000])
})

test('a throwOnStatus that answers later is refused, not taken for yes', async () => {
  const throwOnStatus = (async () => false) as never
  await expect(session().get(URL_A, { throwOnStatus })).rejects.toThrow(
    'option throwOnStatus: the function must give true or false, got a Promise',
  )
})

test('a request waits for so many milliseconds', async () => {
  for (const nonsense of [-1, Number.NaN, '5', null, undefined]) {
    const middleware: Middleware[] = [
      async (request) => {
        await request.wait(nonsense as never)
        return request.respond({ status: 200 })
      },
    ]
    await expect(session().get(URL_A, { middleware })).rejects.toMatchObject({
      code: 'ERR_HTTP_INVALID_OPTION',
    })
  }
})

test('guarded refuses what is no connector, and no guard', () => {
  const connect: Connector = () => Promise.reject(new Error('never'))
  for (const nonsense of [...FUNCTIONS, undefined]) {
    expect(() => guarded(nonsense as never, () => null)).toThrow('option connector: must be a function')
    expect(() => guarded(connect, nonsense as never)).toThrow('option guard: must be a function')
  }
})

for (const position of [0, 1]) {
  test(`a middleware that calls next without a request is named: ${position}`, async () => {
    const good: Middleware = (request, next) => next(request)
    const bad: Middleware = (_request, next) => next(undefined as never)
    const middleware = [good, good, good].with(position, bad).slice(0, 2)
    await expect(session().get(URL_A, { middleware })).rejects.toMatchObject({
      code: 'ERR_HTTP_INVALID_OPTION',
      message: `option middleware[${position}]: has to call next with a request, got undefined`,
    })
  })
  test(`a middleware that answers with something else is named: ${position}`, async () => {
    const good: Middleware = (request, next) => next(request)
    const bad = (async () => new Response('a')) as unknown as Middleware
    const middleware = [good, good, good].with(position, bad).slice(0, 2)
    await expect(session().get(URL_A, { middleware })).rejects.toMatchObject({
      code: 'ERR_HTTP_INVALID_OPTION',
      message: expect.stringMatching(`middleware\\[${position}\\].*a Response`) as string,
    })
  })
}

test('what is no URL is not taken for a relative one', async () => {
  const { session: relative, pairs } = memoryServer(answering(HELLO), { baseUrl: URL_A })
  for (const nonsense of [undefined, null, 5, {}, [], true, new Date(0), Symbol('a')]) {
    for (const call of [relative.get(nonsense as never), relative.preconnect(nonsense as never)])
      await expect(call).rejects.toMatchObject({ code: 'ERR_HTTP_INVALID_URL' })
    await expect(relative.connect(nonsense as never, 'b.example:1')).rejects.toMatchObject({
      code: 'ERR_HTTP_INVALID_URL',
    })
  }
  expect(pairs).toEqual([])
})
