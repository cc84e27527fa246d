/** The client's side of these tests: sessions that end with their test, and the sockets that they opened. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { afterEach } from 'vitest'
import { ClientSession } from './index.ts'
import type { SessionOptions } from './index.ts'

let undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.toReversed()) await step()
  undo = []
})

/** Done after the test, the last one first. */
export function afterwards(step: () => unknown): void {
  undo.push(step)
}

export function newSession(options?: SessionOptions): ClientSession {
  const session = new ClientSession(options)
  afterwards(() => session.close({ graceMs: 0 }))
  return session
}

/** The sockets without TLS that this process opens from now on to the port of `url`, in their order. */
export function socketsTo(url: string): readonly Socket[] {
  const sockets: Socket[] = []
  const port = new URL(url).port
  const onSocket = (message: unknown): void => {
    const { socket } = message as { socket: Socket }
    socket.once('connect', () => {
      if (String(socket.remotePort) === port) sockets.push(socket)
    })
  }
  subscribe('net.client.socket', onSocket)
  afterwards(() => unsubscribe('net.client.socket', onSocket))
  return sockets
}
