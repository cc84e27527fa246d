import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { routes } from './routes.mjs'
import { startServers } from './start-servers.mjs'

let running: Awaited<ReturnType<typeof startServers>>
beforeAll(async () => {
  running = await startServers(process.execPath)
}, 30_000)
afterAll(() => running.stop())

/** The compiled server where there is a compiler, and Node's. */
const PEERS: Record<string, () => Socket> = {
  plain: () => connect({ host: '127.0.0.1', port: running.servers.port, noDelay: true }),
  TLS: () => {
    const ca = readFileSync(running.servers.certificateFile)
    return connectTls({ host: '127.0.0.1', port: running.servers.tlsPort, ca })
  },
}

const get = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`
const POSTED = 'POST /post HTTP/1.1\r\nContent-Length: 6\r\n\r\nGET /x'
const CHUNKED =
  'POST /upload HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n\r\n\r\n\r\nb\r\nhello\r\nworl\r\n0\r\n\r\n'

/** Everything that comes back, up to `byteCount` bytes or the end. */
async function answer(socket: Socket, pieces: string[], byteCount: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let left = byteCount
  for (const piece of pieces) {
    if (piece === '') continue
    socket.write(piece)
    await new Promise(setImmediate)
  }
  while (left > 0) {
    const [chunk] = await once(socket, 'data')
    chunks.push(chunk)
    left -= chunk.length
  }
  socket.destroy()
  return Buffer.concat(chunks)
}

function bytesOf(target: string): Buffer {
  const route = routes.get(target)
  if (route === undefined) throw new Error(target)
  const tail = route.bytes.subarray(route.bytes.length - route.tail)
  return Buffer.concat([route.bytes, ...Array.from({ length: route.count - 1 }, () => tail)])
}

for (const [peer, open] of Object.entries(PEERS)) {
  for (const target of routes.keys()) {
    test(`${peer}: ${target} is answered with its bytes`, async () => {
      const expected = bytesOf(target)
      const actual = await answer(open(), [get(target)], expected.length)
      expect(Buffer.compare(actual, expected)).toBe(0)
    })
  }

  test(`${peer}: pipelined requests are answered in order, however they are cut`, async () => {
    const wire = get('/tiny') + POSTED + get('/1m') + CHUNKED + get('/headers')
    const expected = Buffer.concat(['/tiny', '/post', '/1m', '/upload', '/headers'].map(bytesOf))
    for (let cut = 0; cut < wire.length; cut += 3) {
      const actual = await answer(open(), [wire.slice(0, cut), wire.slice(cut)], expected.length)
      expect(Buffer.compare(actual, expected), `cut at ${cut}`).toBe(0)
    }
  }, 30_000)

  test(`${peer}: /hold/N answers when N wait`, async () => {
    const sockets = [open(), open(), open()]
    const { length } = bytesOf('/tiny')
    const answers = await Promise.all(sockets.map((socket) => answer(socket, [get('/hold/3')], length)))
    for (const bytes of answers) expect(bytes).toEqual(bytesOf('/tiny'))
  })

  test(`${peer}: /close ends the connection`, async () => {
    const socket = open()
    socket.write(get('/close'))
    socket.resume()
    await once(socket, 'end')
    socket.destroy()
  })
}
