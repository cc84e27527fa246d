/** Servers in memory that fail in every way they can, as chance decides: the same chance for the same seed. */
import { gzipSync } from 'node:zlib'
import { memoryConnections } from '@x/streams/memory'
import type { MemoryConnections } from '@x/streams/memory'
import { VirtualClock } from '@x/transport/memory'
import type { Connector, DialPhase } from './index.ts'
import { HELLO, readRequest } from './memory-server.test-support.ts'

/** Numbers by mulberry32. */
export class Chance {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** An integer of 0 up to `count`, which is not among them. */
  below(count: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * count)
  }

  isOneIn(count: number): boolean {
    return this.below(count) === 0
  }

  pick<T>(all: readonly T[]): T {
    return all[this.below(all.length)]!
  }
}

type Afterwards = 'go on' | 'close' | 'half-close' | 'reset' | 'silence'

export interface FaultyAnswer {
  /** One octet a character. */
  readonly wire: string
  readonly end: Afterwards
}

const OK = 'HTTP/1.1 200 OK\r\n'
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`
const ENDS: readonly Afterwards[] = ['close', 'half-close', 'reset', 'silence']
const zipped = gzipSync('Hello').toString('latin1')

/** What may come, and what becomes of the connection; those that go on come more often. */
export const ANSWERS: readonly FaultyAnswer[] = [
  ...[
    ...[HELLO, HELLO, HELLO, HELLO, HELLO, HELLO],
    `${CHUNKED}5\r\nHello\r\n0\r\nX-T: 1\r\n\r\n`,
    `${OK}Content-Length: 40000\r\n\r\n${'x'.repeat(40_000)}`,
    `${OK}Content-Encoding: gzip\r\nContent-Length: ${zipped.length}\r\n\r\n${zipped}`,
    `${OK}Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nHello`,
    `HTTP/1.1 103 Early Hints\r\n\r\n${HELLO}`,
    `${'HTTP/1.1 102 Processing\r\n\r\n'.repeat(101)}${HELLO}`,
    `${HELLO}and more`,
    `${CHUNKED}5\r\nHelloX`,
    'NONSENSE\r\n\r\n',
    `${OK}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
    `${OK}X: ${'y'.repeat(20_000)}\r\n\r\n`,
    'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
    'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n',
    'HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.1 500 Oops\r\nContent-Length: 5\r\n\r\nSorry',
    'HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n',
    ...['/again', 'http://b.example/', 'https://c.example/', 'http://c.example/'].flatMap((location) =>
      [302, 307].map(
        (status) => `HTTP/1.1 ${status} Moved\r\nLocation: ${location}\r\nContent-Length: 2\r\n\r\nno`,
      ),
    ),
    'HTTP/1.1 302 Moved\r\nLocation: ftp://a.example/\r\nContent-Length: 70000\r\n\r\nno',
  ].map((wire) => ({ wire, end: 'go on' as const })),
  ...[
    '',
    'HTTP/1.1 200 O',
    `${OK}Content-Length: 50000\r\n\r\nabc`,
    `${CHUNKED}5\r\nHel`,
    `${OK}\r\nHello`,
  ].flatMap((wire) => ENDS.map((end) => ({ wire, end }))),
]

const DIALS = ['refused', 'no such name', 'resolver fails', 'no TLS', 'hangs', 'comes too late'] as const
const PHASES: readonly DialPhase[] = ['dns', 'connect', 'proxy', 'tls']

export class FaultyServers {
  readonly clock: VirtualClock = new VirtualClock()
  readonly #chance: Chance
  /** Connections that are not over, as the client sees them. */
  openCount = 0

  constructor(chance: Chance) {
    this.#chance = chance
  }

  readonly connector: Connector = async (_target, { signal, onPhase }) => {
    signal.throwIfAborted()
    if (!this.#chance.isOneIn(8)) return this.#connection().client
    const phase = this.#chance.pick(PHASES)
    onPhase?.(phase)
    switch (this.#chance.pick(DIALS)) {
      case 'refused':
        throw new Error('refused')
      case 'no such name':
        throw failure('ERR_TRANSPORT_DNS_NOTFOUND')
      case 'resolver fails':
        throw failure('ERR_TRANSPORT_DNS_FAILED')
      case 'no TLS':
        throw failure('ERR_TRANSPORT_TLS_HANDSHAKE')
      case 'hangs':
        await aborted(signal)
        throw signal.reason
      case 'comes too late':
        await aborted(signal)
        return this.#connection().client
    }
  }

  #connection(): MemoryConnections {
    const chance = this.#chance
    const link = chance.isOneIn(10)
      ? { seed: chance.below(2 ** 31), maxChunkBytes: 500 + chance.below(5000) }
      : {}
    const pair = memoryConnections({ clock: this.clock, link })
    this.openCount += 1
    void pair.client.closed.then(() => (this.openCount -= 1))
    void this.#serve(pair)
      .catch(() => {}) // the client has left
      .finally(() => pair.server.abort())
    return pair
  }

  async #serve(pair: MemoryConnections): Promise<void> {
    const { server } = pair
    for (;;) {
      if (this.#chance.isOneIn(20)) pair.clientToServer.stall() // and takes nothing any more
      // Some answer when the head has come, and never take the body.
      const isEarly = this.#chance.isOneIn(10)
      if ((await (isEarly ? readHead(server) : readRequest(server))) === null) return
      const { wire, end } = this.#chance.pick(ANSWERS)
      server.writer.write(Buffer.from(wire, 'latin1'))
      if (end === 'go on' && !isEarly) continue
      if (end === 'close') return server.close()
      if (end === 'half-close') server.writer.writeEof()
      if (end === 'reset') pair.serverToClient.reset()
      return pair.client.closed.then(() => {})
    }
  }
}

async function readHead({ reader }: MemoryConnections['server']): Promise<'head' | null> {
  for (;;) {
    const line = await reader.readLine({ encoding: 'latin1' })
    if (line === null) return null
    if (line === '') return 'head'
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code })
}

function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', resolve, { once: true })
  })
}
