import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planRedirect, redirectKey } from './redirect.ts'
import type { FollowPlan, RedirectFacts, RedirectPlan } from './redirect.ts'

const FROM = 'http://a.example/dir/page?q=1'

function facts(
  overrides: Partial<Omit<RedirectFacts, 'url'>> & { readonly from?: string } = {},
): RedirectFacts {
  const { from = FROM, ...rest } = overrides
  const url = new URL(from)
  const { method = 'GET', hasBody = false } = rest
  return {
    method,
    url,
    status: 302,
    locations: ['/next'],
    hasBody,
    bodyReplayable: true,
    followed: 0,
    maxRedirects: 20,
    allowInsecure: false,
    visited: new Set([redirectKey(method, url, hasBody)]),
    ...rest,
  }
}

function followed(plan: RedirectPlan): FollowPlan {
  if (plan.kind !== 'follow') throw new Error(`not followed: ${JSON.stringify(plan)}`)
  return plan
}

/** Where a Location leads; or why it does not. */
function ledTo(location: string, from = FROM): string {
  const plan = planRedirect(facts({ locations: [location], from }))
  return plan.kind === 'follow' ? plan.url.href : plan.kind === 'refuse' ? plan.code : plan.kind
}

// P45 ------------------------------------------------------------------------------------------------------------------

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'post', 'QUERY'] as const
const BECOMES_GET: Record<number, readonly string[]> = {
  301: ['POST'],
  302: ['POST'],
  303: METHODS,
  307: [],
  308: [],
}

for (const status of [301, 302, 303, 307, 308]) {
  for (const method of METHODS) {
    const becomesGet = BECOMES_GET[status]!.includes(method)
    const next = becomesGet && method !== 'HEAD' ? 'GET' : method
    test(`P45 ${status} on ${method}: ${next}, ${becomesGet ? 'without' : 'with'} its body and body fields`, () => {
      for (const hasBody of [true, false]) {
        const plan = followed(planRedirect(facts({ status, method, hasBody })))
        expect(plan).toMatchObject({ method: next, keepsBody: hasBody && !becomesGet })
        expect(plan.dropFields.includes('content-type')).toBe(becomesGet)
        expect(plan.dropFields.includes('authorization')).toBe(false)
      }
    })
  }
}

test('P45 body fields: all that tell of content or belong to its sending, and no others', () => {
  const { dropFields } = followed(planRedirect(facts({ status: 303, method: 'PUT', hasBody: true })))
  expect(dropFields).toEqual(dropFields.map((name) => name.toLowerCase()))
  for (const name of ['content-length', 'content-encoding', 'content-language', 'expect', 'trailer']) {
    expect(dropFields).toContain(name)
  }
  for (const name of ['accept', 'content-security-policy', 'host', 'range', 'user-agent', 'x-content']) {
    expect(dropFields).not.toContain(name)
  }
})

// P46 ------------------------------------------------------------------------------------------------------------------

const ONCE = { hasBody: true, bodyReplayable: false }

test('P46 a body that can be had only once: refused where it would be sent again, of no concern where not', () => {
  for (const [status, method] of [
    [307, 'POST'],
    [308, 'POST'],
    [308, 'PUT'],
    [301, 'PUT'],
    [302, 'PATCH'],
  ] as const) {
    expect(planRedirect(facts({ status, method, ...ONCE }))).toMatchObject({
      kind: 'refuse',
      code: 'ERR_HTTP_REDIRECT_BODY_NOT_REPLAYABLE',
    })
  }
  expect(planRedirect(facts({ status: 303, method: 'POST', ...ONCE })).kind).toBe('follow')
  expect(planRedirect(facts({ status: 302, method: 'POST', ...ONCE })).kind).toBe('follow')
  expect(planRedirect(facts({ status: 307, method: 'POST', ...ONCE, hasBody: false })).kind).toBe('follow')
})

// P47 ------------------------------------------------------------------------------------------------------------------

const LOCATIONS: { name: string; location: string; leads: string; from?: string }[] = [
  { name: 'absolute', location: 'http://a.example/x?y', leads: 'http://a.example/x?y' },
  { name: 'absolute path', location: '/x?y', leads: 'http://a.example/x?y' },
  { name: 'relative path', location: 'x', leads: 'http://a.example/dir/x' },
  { name: 'dot segments', location: '../../x/./y', leads: 'http://a.example/x/y' },
  { name: 'query alone', location: '?y', leads: 'http://a.example/dir/page?y' },
  { name: 'protocol-relative', location: '//b.example/x', leads: 'http://b.example/x' },
  {
    name: 'protocol-relative keeps https',
    location: '//b.example/x',
    from: 'https://a.example/',
    leads: 'https://b.example/x',
  },
  { name: 'upper-case scheme and host', location: 'HTTP://B.Example/X', leads: 'http://b.example/X' },
  { name: 'default port', location: 'http://b.example:80/x', leads: 'http://b.example/x' },
  {
    name: 'backslashes lead where they would in a browser',
    location: '\\\\b.example\\x',
    leads: 'http://b.example/x',
  },
  { name: 'spaces', location: '/a b?c d', leads: 'http://a.example/a%20b?c%20d' },
  { name: 'a tab is dropped, never sent', location: '/a\tb', leads: 'http://a.example/ab' },
  { name: 'escapes stay as they are', location: '/a%2fb%zz', leads: 'http://a.example/a%2fb%zz' },
  {
    name: 'UTF-8 in the path',
    location: '/\xc3\xa4?\xe2\x82\xac',
    leads: 'http://a.example/%C3%A4?%E2%82%AC',
  },
  {
    name: 'UTF-8 in the host',
    location: 'http://b\xc3\xbccher.example/',
    leads: 'http://xn--bcher-kva.example/',
  },
  { name: 'octets that are not UTF-8', location: '/\xe4?\xff', leads: 'http://a.example/%E4?%FF' },
  {
    name: 'octets that are not UTF-8 beside some that are',
    location: '/\xe4\xc3\xa4',
    leads: 'http://a.example/%E4%C3%A4',
  },
  {
    name: 'a byte order mark is an octet like others',
    location: '/\xef\xbb\xbfx',
    leads: 'http://a.example/%EF%BB%BFx',
  },
  { name: 'fragment inherited', location: '/x', from: `${FROM}#f`, leads: 'http://a.example/x#f' },
  {
    name: 'fragment inherited across origins',
    location: 'http://b.example/',
    from: `${FROM}#f`,
    leads: 'http://b.example/#f',
  },
  { name: 'fragment of its own', location: '/x#g', from: `${FROM}#f`, leads: 'http://a.example/x#g' },
  { name: 'empty fragment of its own', location: '/x#', from: `${FROM}#f`, leads: 'http://a.example/x#' },
  { name: 'empty', location: '', leads: 'deliver' },
  { name: 'no URL', location: 'http://[::1/', leads: 'ERR_HTTP_REDIRECT_BLOCKED' },
  { name: 'no host', location: 'http://', leads: 'ERR_HTTP_REDIRECT_BLOCKED' },
  {
    name: 'a host that is not UTF-8',
    location: 'http://b\xfccher.example/',
    leads: 'ERR_HTTP_REDIRECT_BLOCKED',
  },
]

for (const { name, location, from, leads } of LOCATIONS) {
  test(`P47 Location: ${name}`, () => expect(ledTo(location, from)).toBe(leads))
}

test('P47 no Location: the response itself; the same one twice: followed; two different ones: refused', () => {
  expect(planRedirect(facts({ locations: [] })).kind).toBe('deliver')
  expect(planRedirect(facts({ locations: ['', ''] })).kind).toBe('deliver')
  expect(planRedirect(facts({ locations: ['/x', '/x'] })).kind).toBe('follow')
  for (const locations of [
    ['/x', '/y'],
    ['/x', '/x', '/y'],
    ['', '/x'],
    ['/x', ''],
  ]) {
    expect(planRedirect(facts({ locations }))).toMatchObject({
      kind: 'refuse',
      code: 'ERR_HTTP_REDIRECT_BLOCKED',
    })
  }
})

// P48 ------------------------------------------------------------------------------------------------------------------

const ORIGIN_FIELDS = ['authorization', 'cookie', 'host', 'proxy-authorization']
const ORIGINS = [
  { name: 'the same', location: '/x', dropped: [] },
  { name: 'the same, port written out', location: 'http://a.example:80/x', dropped: [] },
  { name: 'another host', location: 'http://b.example/', dropped: ORIGIN_FIELDS },
  { name: 'a host below it', location: 'http://www.a.example/', dropped: ORIGIN_FIELDS },
  { name: 'another port', location: 'http://a.example:8080/', dropped: ORIGIN_FIELDS },
  { name: 'another scheme', location: 'https://a.example/', dropped: ORIGIN_FIELDS },
]

for (const { name, location, dropped } of ORIGINS) {
  test(`P48 origin: ${name}`, () => {
    const { dropFields } = followed(planRedirect(facts({ locations: [location] })))
    expect(dropFields.toSorted()).toEqual(dropped)
  })
}

test('P48 another origin and no body: fields of both kinds are dropped', () => {
  const { dropFields } = followed(
    planRedirect(facts({ status: 303, method: 'POST', hasBody: true, locations: ['//b.example'] })),
  )
  for (const name of [...ORIGIN_FIELDS, 'content-type']) expect(dropFields).toContain(name)
})

const USERS = [
  {
    name: 'in Location: dropped',
    from: FROM,
    location: 'http://u:p@a.example/x',
    leads: 'http://a.example/x',
  },
  {
    name: 'in Location, another origin: dropped',
    from: FROM,
    location: '//u:p@b.example/x',
    leads: 'http://b.example/x',
  },
  {
    name: 'of the request: stays in its origin',
    from: 'http://u:p@a.example/',
    location: '/x',
    leads: 'http://u:p@a.example/x',
  },
  {
    name: 'of the request: stays in its origin, Location absolute',
    from: 'http://u:p@a.example/',
    location: 'http://a.example/x',
    leads: 'http://u:p@a.example/x',
  },
  {
    name: 'of both: the request’s',
    from: 'http://u:p@a.example/',
    location: 'http://v:q@a.example/x',
    leads: 'http://u:p@a.example/x',
  },
  {
    name: 'of the request: leaves it never',
    from: 'http://u:p@a.example/',
    location: '//b.example/x',
    leads: 'http://b.example/x',
  },
]

for (const { name, from, location, leads } of USERS) {
  test(`P48 user information ${name}`, () => expect(ledTo(location, from)).toBe(leads))
}

// P49 ------------------------------------------------------------------------------------------------------------------

test('P49 https to http is refused unless allowed; https to https and http to https are followed', () => {
  const down = { from: 'https://a.example/', locations: ['http://a.example/'] }
  expect(planRedirect(facts(down))).toMatchObject({ kind: 'refuse', code: 'ERR_HTTP_REDIRECT_BLOCKED' })
  const allowed = followed(planRedirect(facts({ ...down, allowInsecure: true })))
  expect(allowed.url.href).toBe('http://a.example/')
  expect(allowed.dropFields.toSorted()).toEqual(ORIGIN_FIELDS)
  expect(ledTo('https://a.example/x', 'https://a.example/')).toBe('https://a.example/x')
  expect(ledTo('https://a.example/x')).toBe('https://a.example/x')
})

for (const location of [
  'ftp://a.example/',
  'file:///etc/passwd',
  'javascript:x',
  'data:,x',
  'mailto:a@b',
  'ws://a.example/',
]) {
  test(`P49 scheme refused: ${location}`, () => {
    for (const allowInsecure of [true, false]) {
      expect(planRedirect(facts({ locations: [location], allowInsecure }))).toMatchObject({
        kind: 'refuse',
        code: 'ERR_HTTP_REDIRECT_BLOCKED',
      })
    }
  })
}

for (const status of [200, 201, 204, 300, 304, 305, 306, 309, 399, 400, 404, 500, 999]) {
  test(`P49 ${status} is never followed`, () => {
    expect(planRedirect(facts({ status, locations: ['/x', '/y'] }))).toEqual({ kind: 'deliver' })
  })
}

// P50 ------------------------------------------------------------------------------------------------------------------

test('P50 as many as maxRedirects are followed, the next one is refused; 0 returns the redirect itself', () => {
  const code = 'ERR_HTTP_REDIRECT_MAX'
  expect(planRedirect(facts({ followed: 19 })).kind).toBe('follow')
  expect(planRedirect(facts({ followed: 20 }))).toMatchObject({ kind: 'refuse', code })
  expect(planRedirect(facts({ followed: 1, maxRedirects: 1 }))).toMatchObject({ kind: 'refuse', code })
  expect(planRedirect(facts({ followed: 1000, maxRedirects: Infinity })).kind).toBe('follow')
  expect(planRedirect(facts({ maxRedirects: 0 }))).toEqual({ kind: 'deliver' })
  expect(planRedirect(facts({ maxRedirects: 0, locations: ['/x', '/y'] })).kind).toBe('deliver')
})

test('P50 a loop: the same method, URL and body twice', () => {
  const code = 'ERR_HTTP_REDIRECT_LOOP'
  expect(planRedirect(facts({ locations: ['?q=1'] }))).toMatchObject({ kind: 'refuse', code })
  expect(planRedirect(facts({ locations: ['?q=1#other'] }))).toMatchObject({ kind: 'refuse', code })
  const post = { method: 'POST', hasBody: true, locations: [FROM] }
  expect(planRedirect(facts({ ...post, status: 307 }))).toMatchObject({ kind: 'refuse', code })
  expect(planRedirect(facts({ ...post, status: 303 })), 'GET is another request').toMatchObject({
    kind: 'follow',
    method: 'GET',
  })
  expect(planRedirect(facts({ locations: ['?Q=1'] })).kind).toBe('follow')
})

test('P50 every chain ends', () => {
  const targets = ['/a', '/b', '//b.example/a', 'https://a.example/', '?x', '#f']
  const hops = fc.array(
    fc.record({
      status: fc.constantFrom(301, 302, 303, 307, 308),
      locations: fc.constantFrom(...targets).map((target) => [target]),
    }),
    { minLength: 30, maxLength: 30 },
  )
  fc.assert(
    fc.property(hops, fc.constantFrom('GET', 'POST', 'HEAD'), (chain, first) => {
      let request = { method: first as string, url: new URL(FROM), hasBody: first === 'POST' }
      const visited = new Set<string>()
      for (const [count, { status, locations }] of chain.entries()) {
        const { method, hasBody } = request
        visited.add(redirectKey(method, request.url, hasBody))
        const plan = planRedirect({
          ...facts({ status, locations, method, hasBody, followed: count }),
          url: request.url,
          visited,
        })
        if (plan.kind !== 'follow') {
          expect(plan.kind).toBe('refuse')
          return
        }
        expect(plan.url.username).toBe('')
        request = { method: plan.method, url: plan.url, hasBody: plan.keepsBody }
      }
      throw new Error('a chain of 30 was followed to its end')
    }),
    { seed: 1 },
  )
})

test('the facts are not changed, and the URL is a new one', () => {
  const given = facts()
  const plan = followed(planRedirect(given))
  plan.url.pathname = '/changed'
  expect(given.url.href).toBe(FROM)
})
