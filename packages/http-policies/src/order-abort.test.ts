/** All policies together, of which one caller leaves at any moment. */
import { expect, test } from 'vitest'
import { cache } from './cache.ts'
import {
  circuitBreaker,
  coalesce,
  cookies,
  digestAuth,
  rateLimit,
  recordHar,
  resume,
  retry,
} from './index.ts'
import { answeringBy, fieldOf, memoryServer, responseText, settle } from './memory-server.test-support.ts'
import type { MemoryServer } from './memory-server.test-support.ts'

const URL = 'http://a.example/'
const CONTENT = 'x'.repeat(100_000)
const CHALLENGE = 'Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256'

/** Asks for credentials, has a moment of trouble, and answers. */
function troubledServer(): MemoryServer {
  let troubles = 1
  const jar = { getCookieString: () => Promise.resolve(''), setCookie: () => Promise.resolve() }
  const answer = (request: string): string => {
    const fields = { 'WWW-Authenticate': CHALLENGE, 'Set-Cookie': 'a=1' }
    if (fieldOf(request, 'authorization') === undefined) return responseText(401, fields)
    if (troubles-- > 0) return responseText(503)
    return responseText(200, { 'Cache-Control': 'max-age=60', ETag: '"a"' }, CONTENT)
  }
  const middleware = [
    coalesce(),
    cache(),
    resume({ baseMs: 0 }),
    retry({ baseMs: 0 }),
    digestAuth({ user: 'u', password: 'p', origins: 'http://a.example' }),
    circuitBreaker(),
    rateLimit({ requests: 100 }),
    cookies(jar),
    recordHar(),
  ]
  return memoryServer(answeringBy(answer), { middleware })
}

async function turns(count: number, { clock }: MemoryServer): Promise<void> {
  for (let turn = 0; turn < count; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
    if (turn % 3 === 0) clock.advance(1)
  }
}

test('whoever leaves, at whichever moment, the other one has its answer and nothing is left open', async () => {
  const unheard: unknown[] = []
  const hear = (error: unknown): void => void unheard.push(error)
  process.on('unhandledRejection', hear)
  // What is loaded when it is needed first takes time of its own.
  await import('./node-hashing.ts')
  try {
    for (let moment = 0; moment < 30; moment++) {
      const server = troubledServer()
      const { session, openCount } = server
      const control = new AbortController()
      const first = session
        .get(URL, { signal: control.signal })
        .text()
        .catch((error: unknown) => error)
      const second: { text: string | null } = { text: null }
      const text = session.get(URL).text()
      void text.then((whole) => (second.text = whole))
      await turns(moment, server)
      control.abort('stop')
      for (let round = 0; round < 50 && second.text === null; round++) await turns(5, server)
      expect(second.text === CONTENT, `left at ${moment}`).toBe(true)
      expect(['stop', CONTENT]).toContain(await first)
      await session.close()
      expect(openCount()).toBe(0)
    }
    await settle()
  } finally {
    process.off('unhandledRejection', hear)
  }
  expect(unheard).toEqual([])
})
