/** What a session makes of a response that arrives in pieces, on the transport in memory, with a clock that moves only when told to. */
import { ClientSession, isHttpSessionError } from '@x/http-session'
import { memoryConnections } from '@x/streams/memory'
import type { MemoryConnections } from '@x/streams/memory'
import { VirtualClock } from '@x/transport/memory'
import type { MemoryLinkOptions } from '@x/transport/memory'

export interface SessionArrival {
  /** How the link cuts what the server writes. */
  readonly link: MemoryLinkOptions
  /** Then the server ends the connection, or is silent for good. */
  readonly ending: 'end' | 'silence'
  readonly read: 'whole' | 'in chunks'
}

const LIMITS = {
  maxHeadBytes: 700,
  maxFieldCount: 24,
  maxTrailerBytes: 60,
  maxChunkLineBytes: 40,
  maxInterimResponses: 3,
}
const TURNS = 60
/** By then whatever needs no time limit to pass has come to its end, decompressors in threads of their own included. */
const HANGS_AFTER_MS = 10_000

/** What came of it, as text that can be compared. Throws where a law is broken: it hangs, or leaves something behind. */
export async function sessionOutcome(method: string, wire: string, arrival: SessionArrival): Promise<string> {
  const clock = new VirtualClock()
  const pairs: MemoryConnections[] = []
  const session = new ClientSession({
    connector: (_target, { signal }) => {
      signal.throwIfAborted()
      const pair = memoryConnections({ clock, serverToClient: arrival.link })
      pairs.push(pair)
      void serve(pair, wire, arrival.ending)
      return Promise.resolve(pair.client)
    },
    clock,
    maxRedirects: 0,
    maxBodyBytes: Infinity,
    limits: LIMITS,
    timeouts: { headersMs: 1000, bodyIdleMs: 1000, totalMs: 5000 },
  })
  const outcome = await settled(exchange(session, method, arrival.read), clock, arrival.ending)
  const open = pairs.filter(({ client }) => !client.writer.isClosing).length
  let isClosed = false
  void session.close({ graceMs: 0 }).then(() => (isClosed = true))
  await turns(() => isClosed)
  if (!isClosed) throw new Error('close() hangs')
  await nothingLeft(pairs, clock)
  return JSON.stringify({ ...outcome, connections: pairs.length, open })
}

async function serve(
  { server }: MemoryConnections,
  wire: string,
  ending: SessionArrival['ending'],
): Promise<void> {
  try {
    await server.reader.readUntil('\r\n\r\n')
    server.writer.writeText(wire, 'latin1')
    if (ending === 'end') await server.close()
    else await server.closed
  } catch {
    // The client has left.
  }
}

async function exchange(
  session: ClientSession,
  method: string,
  read: SessionArrival['read'],
): Promise<object> {
  let head = {}
  let content = ''
  try {
    const response = await session.request(method, 'http://a.example/')
    head = {
      status: response.status,
      reason: response.reasonPhrase,
      version: response.httpVersion,
      fields: [...response.headers],
    }
    if (read === 'whole') content = latin1(await response.bytes())
    else for await (const chunk of response) content += latin1(chunk)
    return { ...head, content, trailers: response.trailers?.raw() ?? null }
  } catch (error) {
    if (!isHttpSessionError(error)) throw error
    // What a decompressor has given out before it fails, and which one of several fails first, depends on what it was given at once.
    const isDecoding = (error as { phase?: unknown }).phase === 'decode'
    const message = isDecoding ? '' : error.message
    return { ...head, error: { ...error.toJSON(), message, elapsedMs: 0, elapsed: 0 } }
  }
}

/** Waits; where the server is silent, for turns of the event loop only, and then lets the time limits pass. */
async function settled(
  exchanging: Promise<object>,
  clock: VirtualClock,
  ending: SessionArrival['ending'],
): Promise<object> {
  let isSettled = false
  const settle = (): void => void (isSettled = true)
  exchanging.then(settle, settle)
  const hangsAt = performance.now() + HANGS_AFTER_MS
  for (let round = 0; ; round += 1) {
    await turns(() => isSettled)
    if (isSettled) break
    if (round === 5 && ending === 'silence') throw new Error('the exchange hangs, whatever time passes')
    if (performance.now() > hangsAt) throw new Error('the exchange hangs')
    if (ending === 'silence') clock.advance(2000)
  }
  await turns(() => false, 3) // what else has come is seen now
  return exchanging
}

async function nothingLeft(pairs: readonly MemoryConnections[], clock: VirtualClock): Promise<void> {
  let openCount = pairs.length
  for (const { client } of pairs) void client.closed.then(() => (openCount -= 1))
  for (let round = 0; round < 3; round += 1) {
    await turns(() => openCount === 0, 5)
    clock.advance(60_000)
  }
  if (openCount > 0) throw new Error('a connection stays open')
  await turns(() => clock.timerCount === 0)
  if (clock.timerCount > 0) throw new Error(`${clock.timerCount} timers stay`)
}

async function turns(isEnough: () => boolean, most: number = TURNS): Promise<void> {
  for (let count = 0; count < most && !isEnough(); count += 1) {
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}
