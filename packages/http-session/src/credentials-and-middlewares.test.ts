/** What was said for one origin stays with it, whatever middlewares make of a request. */
import { expect, test } from 'vitest'
import { answering, HELLO, memoryServer, readRequest, settle } from './memory-server.test-support.ts'
import type { Script } from './memory-server.test-support.ts'
const URL = 'http://a.example/'
const recording =
  (requests: string[], ...answers: string[]): Script =>
  async (peer) => {
    for (let index = 0; ; index++) {
      const request = await readRequest(peer)
      if (request === null) return
      requests.push(request)
      peer.writer.writeText(answers[Math.min(index, answers.length - 1)] ?? '', 'latin1')
    }
  }
test('withoutHeaders authorization also drops that of the URL', async () => {
  const requests: string[] = []
  const server = memoryServer(recording(requests, HELLO), {
    middleware: [(request, next) => next(request.with({ withoutHeaders: ['Authorization'] }))],
  })
  await server.session.get('http://alice:secret@a.example/')
  expect(requests[0]).not.toMatch(/authorization/i)
})
test('the headers of a request tell the Authorization that its URL makes', async () => {
  const seen: boolean[] = []
  const server = memoryServer(answering(HELLO), {
    middleware: [
      (request, next) => {
        seen.push(request.headers.has('authorization'))
        return next(request)
      },
    ],
  })
  await server.session.get('http://alice:secret@a.example/')
  expect(seen).toEqual([true])
})
test('with a relative URL the user information stays, as with a redirect within the origin', async () => {
  const requests: string[] = []
  const server = memoryServer(recording(requests, HELLO), {
    middleware: [(request, next) => next(request.with({ url: '/v2' }))],
  })
  await server.session.get('http://alice:secret@a.example/')
  expect(requests[0]).toMatch(/authorization: Basic/i)
})
test('P49 a redirect from https to http is refused where a middleware has made the request one of https', async () => {
  const moved = 'HTTP/1.1 302 Found\r\nLocation: http://b.example/\r\nContent-Length: 0\r\n\r\n'
  const server = memoryServer((peer, index) => answering(index === 0 ? moved : HELLO)(peer, index), {
    middleware: [
      (request, next) =>
        next(
          request.url.startsWith('http://a.')
            ? request.with({ url: request.url.replace('http:', 'https:') })
            : request,
        ),
    ],
  })
  await expect(server.session.get(URL)).rejects.toMatchObject({ code: 'ERR_HTTP_REDIRECT_BLOCKED' })
})
test("with another origin the caller's Host and credentials stay behind", async () => {
  const requests: string[] = []
  const server = memoryServer(recording(requests, HELLO), {
    middleware: [(request, next) => next(request.with({ url: 'http://evil.example/' }))],
  })
  await server.session.get(URL, { headers: { authorization: 'Bearer s', cookie: 'a=b', host: 'a.example' } })
  expect(requests[0]).not.toMatch(/Bearer|cookie|Host: a\.example/i)
})
test('a range asks for identity whatever was left out of the request', async () => {
  const requests: string[] = []
  const server = memoryServer(recording(requests, HELLO), {
    headers: { 'x-a': '1' },
    middleware: [
      (request, next) => next(request.with({ withoutHeaders: ['x-a'], headers: { range: 'bytes=5-' } })),
    ],
  })
  await server.session.get(URL)
  expect(requests[0]).toMatch(/accept-encoding: identity/i)
})
test('likewise behind a redirect to another origin that dropped a field', async () => {
  const requests: string[] = []
  const moved = 'HTTP/1.1 302 Found\r\nLocation: http://b.example/\r\nContent-Length: 0\r\n\r\n'
  let hop = 0
  const server = memoryServer(
    async (peer) => {
      const request = await readRequest(peer)
      requests.push(request ?? '')
      peer.writer.writeText(hop++ === 0 ? moved : HELLO)
    },
    {
      middleware: [
        (request, next) =>
          next(
            request.url.includes('b.example') ? request.with({ headers: { range: 'bytes=5-' } }) : request,
          ),
      ],
    },
  )
  await server.session.get(URL, { headers: { authorization: 'Bearer s' } })
  expect(requests[1]).toMatch(/accept-encoding: identity/i)
})
test('CONNECT on a connection that forwards is refused, or goes out in authority form', async () => {
  const requests: string[] = []
  const base = memoryServer(recording(requests, 'HTTP/1.1 200 OK\r\n\r\n'))
  const server = memoryServer(() => {}, {
    connector: async (target, options) =>
      Object.defineProperty(await base.connector(target, options), 'forwarding', {
        value: { fieldLines: 'Proxy-Authorization: Basic eA==\r\n' },
      }),
  })
  await server.session.connect('http://proxy.example:3128', 'x.example:443').catch(() => {})
  await settle()
  for (const request of requests) expect(request).toMatch(/^CONNECT x\.example:443 HTTP/)
})
