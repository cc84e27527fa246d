/** Proxies and targets on loopback, by node:http and node:net alone, so that nothing tests itself. */
import { once } from 'node:events'
import { createServer as createHttpServer, request as forward } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer as createTlsServer } from 'node:tls'
import { generate } from 'selfsigned'

/** Something that listens on 127.0.0.1. */
export interface Listening {
  readonly port: number
  /** Accepted sockets that are still open. */
  openCount(): number
  [Symbol.asyncDispose](): Promise<void>
}

export interface TestProxy extends Listening {
  /** What it was asked for, in order: `CONNECT a:1`, `GET http://a/`, `name a:1`, `ipv4 …`. */
  readonly asked: string[]
}

export interface KeyAndCertificate {
  readonly key: string
  readonly cert: string
}

/** A certificate for a DNS name, that vouches for itself. */
export async function certificateFor(name: string): Promise<KeyAndCertificate> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: name }] }],
  })
  return { key, cert }
}

/** Sends everything back; with TLS where there is a certificate. */
export function echoServer(certificate?: KeyAndCertificate): Promise<Listening> {
  const onSocket = (socket: Socket): void => void socket.on('error', () => {}).pipe(socket)
  if (certificate === undefined) return listening(createServer({ allowHalfOpen: true }, onSocket))
  return listening(createTlsServer({ ...certificate, ALPNProtocols: ['http/1.1'] }, onSocket))
}

/** Says the same to whatever comes first, then nothing more. */
export function answeringServer(answer: string): Promise<Listening> {
  return listening(
    createServer((socket) => void socket.once('data', () => socket.write(answer, 'latin1')).resume()),
  )
}

export interface HttpProxySettings {
  /** `user:password` that is needed. */
  readonly credentials?: string
  /** TLS with those who come. */
  readonly tls?: KeyAndCertificate
  /** Where a name is, whatever it is. Default 127.0.0.1. */
  readonly address?: string
}

/** CONNECT, and forwarding of requests in absolute form. */
export async function httpProxy(settings: HttpProxySettings = {}): Promise<TestProxy> {
  const { credentials, tls, address = '127.0.0.1' } = settings
  const asked: string[] = []
  const isAllowed = ({ method, url, headers }: IncomingMessage): boolean => {
    asked.push(`${method} ${url}`)
    const wanted = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`
    return wanted === undefined || headers['proxy-authorization'] === wanted
  }
  const server = tls === undefined ? createHttpServer() : createHttpsServer(tls)
  server.on('request', (request, response) => {
    if (!isAllowed(request)) return response.writeHead(407, { 'proxy-authenticate': 'Basic' }).end('no')
    const { hostname, port, pathname, search, host } = new URL(request.url ?? '')
    const { 'proxy-authorization': _secret, ...headers } = request.headers
    const onward = {
      host: hostname && address,
      port: port || 80,
      path: pathname + search,
      method: request.method,
    }
    request
      .pipe(forward({ ...onward, headers: { ...headers, host } }))
      .on('response', (answer) => answer.pipe(response.writeHead(answer.statusCode ?? 500, answer.headers)))
      .on('error', () => response.writeHead(502).end())
    return undefined
  })
  server.on('connect', (request: IncomingMessage, client: Duplex) => {
    client.on('error', () => {})
    if (!isAllowed(request))
      return client.end(
        'HTTP/1.1 407 x\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 2\r\n\r\nno',
      )
    const port = Number(request.url?.slice(request.url.lastIndexOf(':') + 1))
    return join(client, connect(port, address), {
      connected: 'HTTP/1.1 200 Connection established\r\n\r\n',
      failed: 'HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n',
    })
  })
  return Object.assign(await listening(server), { asked })
}

/** SOCKS5, the command CONNECT. Requests are taken to come whole. */
export async function socksProxy(settings: { readonly credentials?: string } = {}): Promise<TestProxy> {
  const asked: string[] = []
  const server = createServer((client) => {
    client.on('error', () => {})
    void negotiate(client, settings.credentials).then((request) => {
      if (request === null) return client.end()
      const [, , , type] = request
      const port = request.readUInt16BE(request.length - 2)
      const octets = request.subarray(type === 3 ? 5 : 4, -2)
      asked.push(`${type === 3 ? `name ${octets.toString()}` : `ip ${octets.toString('hex')}`}:${port}`)
      const reply = (code: number) => Buffer.from([5, code, 0, 1, 127, 0, 0, 1, 0, 0])
      return join(client, connect(port, '127.0.0.1'), { connected: reply(0), failed: reply(5) })
    })
  })
  return Object.assign(await listening(server), { asked })
}

async function negotiate(client: Socket, credentials: string | undefined): Promise<Buffer | null> {
  const next = async (): Promise<Buffer> => ((await once(client, 'data')) as [Buffer])[0]
  const methods = [...(await next()).subarray(2)]
  const wanted = credentials === undefined ? 0 : 2
  client.write(Buffer.from([5, methods.includes(wanted) ? wanted : 255]))
  if (!methods.includes(wanted)) return null
  if (credentials !== undefined) {
    const message = await next()
    const user = message.subarray(2, 2 + message[1]!)
    const isRight = `${user.toString()}:${message.subarray(3 + user.length).toString()}` === credentials
    client.write(Buffer.from([1, isRight ? 0 : 1]))
    if (!isRight) return null
  }
  return next()
}

function join(
  client: Duplex,
  target: Socket,
  says: { connected: string | Buffer; failed: string | Buffer },
): void {
  let isConnected = false
  target.on('connect', () => {
    isConnected = true
    client.write(says.connected)
    client.pipe(target).pipe(client)
  })
  target.on('error', () => (isConnected ? client.destroy() : client.end(says.failed)))
  client.on('close', () => target.destroy())
}

async function listening(server: Server): Promise<Listening> {
  const open = new Set<Socket>()
  const isSecure = 'addContext' in server
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.on('error', () => {}).on('close', () => open.delete(socket))
  })
  if (isSecure) server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    openCount: () => open.size,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Resolves when the condition holds; looked at again every few milliseconds, since sockets of others close when they like. */
export async function until(condition: () => boolean): Promise<void> {
  for (let count = 0; count < 400; count++) {
    if (condition()) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error('it does not come to hold')
}
