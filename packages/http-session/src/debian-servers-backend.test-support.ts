/** The origin server behind the others: Node's, in the test's own process. It looks only at the last part of a path. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Backend {
  readonly port: number
  /** With a slash at its end. */
  readonly url: string
  /** Responses that have begun and neither ended nor lost their connection. */
  readonly open: ReadonlySet<ServerResponse>
  close(): Promise<void>
}

/** Text that is worth compressing, in pieces. */
export const LINES: readonly string[] = Array.from(
  { length: 200 },
  (_, count) => `line ${count} of a long text\n`,
)

export async function startBackend(): Promise<Backend> {
  const open = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    open.add(response.on('close', () => open.delete(response)))
    request.on('error', () => {})
    void answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://127.0.0.1:${port}/`,
    open,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, search } = new URL(request.url ?? '/', 'http://backend')
  switch (pathname.slice(pathname.lastIndexOf('/') + 1)) {
    case 'echo':
      response.end(search.slice(1))
      break
    case 'count':
      response.end(await receivedByteCount(request))
      break
    case 'chunked':
      response.setHeader('content-type', 'text/plain')
      for (const line of LINES) response.write(line)
      response.end()
      break
    case 'dripping':
      drip(response)
      break
    case 'hinted':
      response.writeEarlyHints({ link: '</style.css>; rel=preload' }, () => response.end('hinted'))
      break
    case 'trailing':
      response.setHeader('trailer', 'x-checksum')
      response.write('with trailers')
      response.addTrailers({ 'x-checksum': 'abc' })
      response.end()
      break
    case 'empty':
      response.writeHead(204).end()
      break
    case 'hanging':
      break
    default:
      breakOff(pathname.slice(pathname.lastIndexOf('/') + 1), response)
  }
}

async function receivedByteCount(request: IncomingMessage): Promise<string> {
  let byteCount = 0
  for await (const chunk of request) byteCount += (chunk as Uint8Array).length
  return String(byteCount)
}

/** Ten pieces, five milliseconds apart. */
function drip(response: ServerResponse): void {
  let left = 10
  const timer = setInterval(() => {
    response.write(`piece ${left}\n`)
    if (--left === 0) response.end()
  }, 5)
  response.on('close', () => clearInterval(timer))
}

/** Ways to end before the response does. */
function breakOff(how: string, response: ServerResponse): void {
  const { socket } = response
  switch (how) {
    case 'cut-counted':
      response.setHeader('content-length', 200_000)
      response.write(Buffer.alloc(100_000, 'x'), () => socket?.destroy())
      break
    case 'cut-chunked':
      response.write(Buffer.alloc(100_000, 'x'), () => socket?.destroy())
      break
    case 'reset':
      response.setHeader('content-length', 200_000)
      response.write(Buffer.alloc(100_000, 'x'), () => socket?.resetAndDestroy())
      break
    case 'closed':
      socket?.destroy()
      break
    case 'garbage':
      socket?.end('this is not HTTP\r\n\r\n')
      break
    default:
      response.writeHead(404).end('not found')
  }
}
