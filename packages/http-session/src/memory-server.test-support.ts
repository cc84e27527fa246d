/** A server in memory, on the real transport, reader and writer, with a clock that moves only when told to. */
import { StreamWriterError } from '@x/stream-writer'
import type { Connection } from '@x/streams'
import { memoryConnections } from '@x/streams/memory'
import type { MemoryConnections, MemoryConnectionsOptions } from '@x/streams/memory'
import { VirtualClock } from '@x/transport/memory'
import { ClientSession } from './index.ts'
import type { Connector, SessionOptions } from './index.ts'

/** What the server does with its end of the n-th connection, counted from 0. */
export type Script = (peer: Connection, index: number) => unknown

export interface MemoryServer {
  readonly session: ClientSession
  readonly connector: Connector
  readonly clock: VirtualClock
  readonly pairs: MemoryConnections[]
  /** The server's ends. */
  readonly peers: Connection[]
  /** Connections that stand, as the client sees them. */
  openCount(): number
}

export function memoryServer(
  script: Script,
  options: SessionOptions = {},
  pairOptions: MemoryConnectionsOptions = {},
): MemoryServer {
  const clock = new VirtualClock()
  const pairs: MemoryConnections[] = []
  const peers: Connection[] = []
  const connector: Connector = async (_target, { signal }) => {
    signal.throwIfAborted()
    const pair = memoryConnections({ ...pairOptions, clock })
    pairs.push(pair)
    peers.push(pair.server)
    Promise.resolve(script(pair.server, peers.length - 1)).catch(unlessClientLeft)
    return pair.client
  }
  return {
    session: new ClientSession({ connector, clock, ...options }),
    connector,
    clock,
    pairs,
    peers,
    openCount: () => pairs.filter(({ client }) => !client.writer.isClosing).length,
  }
}

/** Reads a request: its head and, by Content-Length or chunks, its content, as latin1 text. `null` where the client has gone. */
export async function readRequest({ reader }: Connection): Promise<string | null> {
  let text = ''
  for (;;) {
    const line = await reader.readLine({ encoding: 'latin1' }).catch(() => null)
    if (line === null) return null
    text += `${line}\n`
    if (line === '') break
  }
  const length = /^content-length: (\d+)$/im.exec(text)?.[1]
  if (length !== undefined) text += latin1(await reader.readExactly(Number(length)))
  if (!/^transfer-encoding: chunked$/im.test(text)) return text
  const content = await readChunks(reader)
  return content === null ? null : text + content
}

async function readChunks(reader: Connection['reader']): Promise<string | null> {
  let text = ''
  for (;;) {
    const line = await reader.readLine().catch(() => null)
    if (line === null) return null
    const size = Number.parseInt(line, 16)
    text += latin1(await reader.readExactly(size))
    await reader.readExactly(2)
    if (size === 0) return text
  }
}

/** Answers every request on the connection with the same bytes, one octet per character. */
export function answering(...responses: string[]): Script {
  return async (peer) => {
    for (let index = 0; (await readRequest(peer)) !== null; index++) {
      if (!peer.writer.isClosing) peer.writer.writeText(responses[index % responses.length] ?? '', 'latin1')
    }
  }
}

/** Answers the first request, then ends the connection. */
export function answeringOnce(response: string): Script {
  return async (peer) => {
    await readRequest(peer)
    peer.writer.writeText(response, 'latin1')
    await peer.close()
  }
}

export const HELLO = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello'

/** Lets everything happen that needs no time to pass. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** A client that leaves in the middle of an answer is what many tests are about. */
function unlessClientLeft(error: unknown): void {
  const { code } = error as { code?: unknown }
  if (!StreamWriterError.is(error) && code !== 'ERR_INCOMPLETE_READ') throw error
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}
