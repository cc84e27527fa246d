/** All policies in the order of the README, through redirects, 401, 503 and a download that breaks off. */
import { CookieJar } from 'tough-cookie'
import { expect, test } from 'vitest'
import { cache } from './cache.ts'
import {
  circuitBreaker,
  coalesce,
  compressBody,
  cookies,
  digestAuth,
  rateLimit,
  recordHar,
  resume,
  retry,
} from './index.ts'
import { fieldOf, memoryServer, readRequest, responseText, settle } from './memory-server.test-support.ts'

const CONTENT = '0123456789'.repeat(4000)
const FIELDS = `ETag: "v1"\r\nCache-Control: max-age=60\r\n`
const CHALLENGE = { 'WWW-Authenticate': 'Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256' }

test('one journey, for two callers, with every trouble on the way', async () => {
  const seen: string[] = []
  const har = recordHar()
  const origins = 'http://a.example'
  let count = 0
  const { session, clock, openCount } = memoryServer(
    async (peer) => {
      for (let text = await readRequest(peer); text !== null; text = await readRequest(peer)) {
        const [method, target] = text.split(' ')
        const isProven = fieldOf(text, 'authorization')?.startsWith('Digest ') === true
        const facts = [
          fieldOf(text, 'cookie') ?? '-',
          fieldOf(text, 'range') ?? '-',
          isProven ? 'proven' : '-',
        ]
        seen.push([`${method} ${target}`, ...facts].join(' '))
        count += 1
        const { writer } = peer
        if (target === '/start')
          writer.writeText(responseText(302, { Location: '//b.example/hop', 'Set-Cookie': 'a=1' }))
        else if (target === '/hop') writer.writeText(responseText(302, { Location: 'http://a.example/file' }))
        else if (!isProven) writer.writeText(responseText(401, CHALLENGE))
        else if (count === 4) writer.writeText(responseText(503, { 'Set-Cookie': 'b=2' }))
        else if (fieldOf(text, 'range') === undefined) {
          const length = `Content-Length: ${CONTENT.length}`
          writer.writeText(`HTTP/1.1 200 X\r\n${FIELDS}${length}\r\n\r\n${CONTENT.slice(0, 30_000)}`)
          await settle()
          return peer.close()
        } else {
          const rest = CONTENT.slice(30_000)
          const range = `Content-Range: bytes 30000-39999/40000\r\nContent-Length: ${rest.length}`
          writer.writeText(`HTTP/1.1 206 X\r\n${FIELDS}${range}\r\n\r\n${rest}`)
        }
      }
      return undefined
    },
    {
      middleware: [
        coalesce(),
        cache(),
        resume({ baseMs: 0 }),
        retry({ baseMs: 0 }),
        compressBody(),
        digestAuth({ user: 'u', password: 'secret', origins }),
        circuitBreaker(),
        rateLimit({ requests: 100 }),
        cookies(new CookieJar()),
        har,
      ],
    },
  )
  // What is loaded when it is needed first takes time of its own.
  await import('./node-hashing.ts')
  const texts = Promise.all([1, 2].map(() => session.get('http://a.example/start').text()))
  let isOver = false
  const over = (): void => void (isOver = true)
  texts.then(over, over)
  const rounds = async (left: number): Promise<void> => {
    await settle()
    clock.advance(1)
    if (!isOver && left > 0) await rounds(left - 1)
  }
  await rounds(200)
  expect(await texts).toEqual([CONTENT, CONTENT])
  expect(seen).toEqual([
    'GET /start - - -',
    'GET /hop - - -', // of another origin: no cookie, no credentials
    'GET /file a=1 - -',
    'GET /file a=1 - proven',
    'GET /file a=1; b=2 - proven',
    'GET /file a=1; b=2 bytes=30000- proven',
  ])
  expect(await session.get('http://a.example/file').text()).toBe(CONTENT)
  expect(seen.length).toBe(6)
  expect(JSON.stringify(har)).not.toMatch(/a=1|response=/)
  await session.close()
  expect(openCount()).toBe(0)
})
