/** What logs show of policies and of their errors: which one it is, and no secret. */
import { inspect } from 'node:util'
import type { RequestFacts } from '@x/http-session'
import { expect, test } from 'vitest'
import { cache } from './cache.ts'
import {
  AuthenticationError,
  basicAuth,
  bearerAuth,
  CircuitOpenError,
  circuitBreaker,
  coalesce,
  compressBody,
  CookieStoreError,
  cookies,
  digestAuth,
  EventStreamError,
  PaginationError,
  RateLimitError,
  rateLimit,
  recordHar,
  ResumeError,
  resume,
  retry,
} from './index.ts'

const origins = 'http://a.example'
const secret = 'sesame'
const jar = { getCookieString: () => Promise.resolve(secret), setCookie: () => Promise.resolve() }

const POLICIES = {
  basicAuth: basicAuth({ user: 'me', password: secret, origins }),
  bearerAuth: bearerAuth({ token: secret, origins }),
  cache: cache(),
  circuitBreaker: circuitBreaker(),
  coalesce: coalesce(),
  compressBody: compressBody({ coding: 'gzip' }),
  cookies: cookies(jar),
  digestAuth: digestAuth({ user: 'me', password: secret, origins }),
  rateLimit: rateLimit({ requests: 1 }),
  recordHar: recordHar(),
  resume: resume(),
  retry: retry(),
}

for (const [name, policy] of Object.entries(POLICIES)) {
  test(`${name} prints as a function of that name, without what it holds`, () => {
    const shown = inspect(policy, { showHidden: true, depth: 5 })
    expect(shown).toMatch(new RegExp(`^\\[(?:Async)?Function: ${name}\\]`))
    expect(shown).not.toContain(secret)
  })
}

const facts: RequestFacts = {
  method: 'GET',
  url: 'http://a.example/x',
  phase: 'body',
  retriable: 'no',
  sent: 'all',
  attempts: 2,
  elapsedMs: 30,
}

const ERRORS: { error: Error; firstLine: string }[] = [
  {
    error: new AuthenticationError(facts, 'ERR_HTTP_AUTH_CREDENTIALS', 'no token could be had'),
    firstLine: 'AuthenticationError: GET http://a.example/x: body: no token could be had',
  },
  {
    error: new CookieStoreError(facts, new Error('disk full')),
    firstLine: 'CookieStoreError: GET http://a.example/x: body: the cookie store failed: disk full',
  },
  {
    error: new CircuitOpenError(facts, origins, 1500),
    firstLine:
      'CircuitOpenError: GET http://a.example/x: body: calls to http://a.example fail too often: the next one is tried in 1500 ms',
  },
]

for (const { error, firstLine } of ERRORS) {
  test(`${error.name} says in its first line what has failed`, () => {
    expect(inspect(error).split('\n')[0]).toBe(firstLine)
  })
}

test('the errors beside requests do so, too', () => {
  const url = 'http://a.example/x'
  const errors = [
    new ResumeError(facts, { code: 'ERR_HTTP_RESUME_CHANGED', why: 'there is another one', received: 5 }),
    new RateLimitError(facts, 10, 100),
    new EventStreamError('ERR_HTTP_EVENT_TYPE', { url, status: 200, why: 'the content is text/html' }),
    new PaginationError('ERR_HTTP_PAGE_LOOP', url, 'the page leads to itself'),
  ]
  for (const error of errors) {
    const [first = ''] = inspect(error).split('\n')
    expect(first.startsWith(`${error.constructor.name}: `)).toBe(true)
    expect(first).toContain(error.message)
  }
})
