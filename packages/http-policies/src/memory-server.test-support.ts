/** A server in memory, on the real transport, reader and writer, with a clock that moves only when told to. */
import { ClientSession } from '@x/http-session'
import type { Connector, SessionOptions } from '@x/http-session'
import { StreamWriterError } from '@x/stream-writer'
import type { Connection } from '@x/streams'
import { memoryConnections } from '@x/streams/memory'
import type { MemoryConnections } from '@x/streams/memory'
import { VirtualClock } from '@x/transport/memory'

/** What the server does with its end of the n-th connection, counted from 0. */
export type Script = (peer: Connection, index: number) => unknown

export interface MemoryServer {
  readonly session: ClientSession
  readonly clock: VirtualClock
  readonly pairs: MemoryConnections[]
  /** Connections that stand, as the client sees them. */
  openCount(): number
}

export function memoryServer(script: Script, options: SessionOptions = {}): MemoryServer {
  const clock = new VirtualClock()
  const pairs: MemoryConnections[] = []
  const connector: Connector = async (_target, { signal }) => {
    signal.throwIfAborted()
    const pair = memoryConnections({ clock })
    pairs.push(pair)
    Promise.resolve(script(pair.server, pairs.length - 1)).catch(unlessClientLeft)
    return pair.client
  }
  return {
    session: new ClientSession({ connector, clock, ...options }),
    clock,
    pairs,
    openCount: () => pairs.filter(({ client }) => !client.writer.isClosing).length,
  }
}

/** Answers the n-th request of the whole server, counted from 0, with what `answer` gives: one octet a character; `null` ends the connection. */
export function answeringBy(
  answer: (request: string, index: number) => string | null | Promise<string | null>,
): Script {
  let count = 0
  return async (peer) => {
    for (let text = await readRequest(peer); text !== null; text = await readRequest(peer)) {
      const response = await answer(text, count++)
      if (response === null) return peer.abort(new Error('the server has gone'))
      if (!peer.writer.isClosing) peer.writer.writeText(response, 'latin1')
    }
    return undefined
  }
}

/** A response as it is sent. @param fields Without Content-Length. */
export function responseText(
  status: number,
  fields: Readonly<Record<string, string>> = {},
  body = '',
): string {
  const lines = Object.entries({ ...fields, 'Content-Length': String(body.length) })
  return `HTTP/1.1 ${status} X\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`
}

/** The value of a field in a request as `readRequest` gives it. */
export function fieldOf(request: string, name: string): string | undefined {
  return new RegExp(`^${name}: (.*)$`, 'im').exec(request)?.[1]
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
