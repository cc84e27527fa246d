/** Streams as bodies of requests that end before their content is asked for. */
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import type { ClientSession, RequestOptions } from './index.ts'
import { memoryServer, settle } from './memory-server.test-support.ts'
import type { MemoryServer } from './memory-server.test-support.ts'

const URL = 'http://a.example/'
const REASON = new Error('enough')

interface Case {
  readonly name: string
  readonly server?: () => MemoryServer
  readonly options?: RequestOptions
  readonly end?: (session: ClientSession, controller: AbortController) => void
}

const silent = (): MemoryServer => memoryServer(() => new Promise(() => {}))
const refusing = (): MemoryServer =>
  memoryServer(() => {}, { connector: () => Promise.reject(new Error('refused')) })
const hanging = (): MemoryServer => memoryServer(() => {}, { connector: () => new Promise(() => {}) })

const CASES: Case[] = [
  { name: 'the connection is refused', server: refusing },
  {
    name: 'no request may wait',
    server: () => memoryServer(() => {}, { maxQueuedRequests: 0, maxConnections: 1 }),
  },
  { name: 'the signal was aborted before', options: { signal: AbortSignal.abort(REASON) } },
  {
    name: 'aborted while dialling',
    server: hanging,
    end: (_session, controller) => controller.abort(REASON),
  },
  { name: 'the session is aborted while dialling', server: hanging, end: (session) => session.abort(REASON) },
  {
    name: 'aborted while 100 is awaited',
    options: { headers: { expect: '100-continue' } },
    end: (_session, controller) => controller.abort(REASON),
  },
  {
    name: 'a final answer comes to Expect',
    server: () =>
      memoryServer(async (peer) => {
        await peer.reader.readUntil('\r\n\r\n')
        peer.writer.writeText('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n')
      }),
    options: { headers: { expect: '100-continue', 'content-length': '3' } },
  },
]

for (const { name, server = silent, options = {}, end } of CASES) {
  test(`${name}: a Node stream is destroyed, a Web stream cancelled, nothing is read`, async () => {
    const { session } = server()
    if (name.startsWith('no request')) session.get(URL).catch(() => {})
    const seen: unknown[] = []
    const node = new Readable({ read: () => seen.push('read') })
    const web = new ReadableStream({ cancel: () => void seen.push('cancelled') }, { highWaterMark: 0 })
    for (const body of [node, web]) {
      const controller = new AbortController()
      const response = session.put(URL, { body, signal: controller.signal, ...options })
      response.catch(() => {})
      await settle()
      end?.(session, controller)
      await response.catch(() => {})
      await settle()
    }
    expect([node.destroyed, seen]).toEqual([true, name.startsWith('the session') ? [] : ['cancelled']])
    session.abort()
  })
}
