/** Peers and recorders for the tests of the socket shell: plain node:net on the other side, so that nothing tests itself. */

import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import type { BufferedProtocol, CloseReason, Protocol } from './protocol.ts'
import type { Transport } from './transport.ts'

/** A server of Node's own that hands over its accepted sockets in order. */
export interface RawServer {
  readonly port: number
  readonly server: Server
  /** The next accepted socket. */
  accepted(): Promise<Socket>
  [Symbol.asyncDispose](): Promise<void>
}

export async function rawServer(
  onSocket: (socket: Socket) => void = () => {},
  host: string = '127.0.0.1',
): Promise<RawServer> {
  const sockets: Socket[] = []
  const queue = mailbox<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    sockets.push(socket)
    onSocket(socket)
    queue.put(socket)
  })
  server.listen(0, host)
  await once(server, 'listening')
  return {
    server,
    port: (server.address() as AddressInfo).port,
    accepted: queue.take,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Puts and takes in order; a take before the put waits for it. */
export function mailbox<T>(): { put: (item: T) => void; take: () => Promise<T> } {
  const items: T[] = []
  const takers: ((item: T) => void)[] = []
  return {
    put(item) {
      const taker = takers.shift()
      if (taker) taker(item)
      else items.push(item)
    },
    take: () =>
      new Promise((resolve) => {
        if (items.length > 0) resolve(items.shift() as T)
        else takers.push(resolve)
      }),
  }
}

/** Records every callback; `until` waits for a state of the record. */
export class Recorder implements Protocol {
  readonly calls: string[] = []
  readonly reasons: CloseReason[] = []
  text: string = ''
  transport!: Transport
  readonly #waiters = new Set<() => void>()

  connectionMade(transport: Transport): void {
    this.transport = transport
    this.note('made')
  }

  dataReceived(data: Uint8Array): void {
    this.text += Buffer.from(data).toString('latin1')
    this.note('data')
  }

  eofReceived(): void {
    this.note('eof')
  }

  pauseWriting(): void {
    this.note('pause')
  }

  resumeWriting(): void {
    this.note('resume')
  }

  writeBufferEmptied(): void {
    this.note('emptied')
  }

  connectionLost(reason: CloseReason): void {
    this.reasons.push(reason)
    this.note('lost')
  }

  /** The calls, a run of the same one as one. */
  get story(): string[] {
    return this.calls.filter((call, index) => call !== this.calls[index - 1])
  }

  /** Waits until `condition` holds; looked at again after every callback. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!condition()) return
        this.#waiters.delete(look)
        resolve()
      }
      this.#waiters.add(look)
      look()
    })
  }

  untilLost(): Promise<void> {
    return this.until(() => this.reasons.length > 0)
  }

  protected note(call: string): void {
    this.calls.push(call)
    for (const look of this.#waiters) look()
  }
}

/** A recorder that lends its memory. */
export class BufferedRecorder implements BufferedProtocol {
  readonly record: Recorder = new Recorder()
  /** Every array lent, with how much of it was used. */
  readonly lent: { buffer: Uint8Array; used: number }[] = []
  readonly #makeBuffer: () => Uint8Array

  constructor(makeBuffer: () => Uint8Array = () => new Uint8Array(1024)) {
    this.#makeBuffer = makeBuffer
  }

  connectionMade(transport: Transport): void {
    this.record.connectionMade(transport)
  }

  getBuffer(): Uint8Array {
    const buffer = this.#makeBuffer()
    this.lent.push({ buffer, used: 0 })
    return buffer
  }

  bufferUpdated(byteCount: number): void {
    const last = this.lent.at(-1) as { buffer: Uint8Array; used: number }
    last.used = byteCount
    this.record.dataReceived(last.buffer.slice(0, byteCount))
  }

  eofReceived(): void {
    this.record.eofReceived()
  }

  connectionLost(reason: CloseReason): void {
    this.record.connectionLost(reason)
  }
}

/** Everything a raw socket receives until its end, as latin1. */
export async function textOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('latin1')
}

/** Bytes of a latin1 text. */
export function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}
