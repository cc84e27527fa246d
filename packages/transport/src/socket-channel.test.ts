import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import type { ChannelEvents } from './channel.ts'
import { ReadSide } from './read-side.ts'
import { SocketChannel } from './socket-channel.ts'

const EVENT_NAMES = ['error', 'end', 'close', 'data'] as const

/** A socket that was never connected, its channel, and what that has told. */
function open() {
  const log: string[] = []
  const scratch = new Uint8Array(8)
  const reader = new ReadSide(
    { dataReceived: (chunk) => log.push(`data ${chunk.length}`) },
    {
      bytesEnded: () => log.push('end'),
      protocolFailed: (error) => log.push(String(error)),
      settings: { scheduler: { soon: (callback) => callback() }, scratch },
    },
  )
  const events: ChannelEvents = {
    reader,
    channelProgressed: () => log.push('progressed'),
    channelFailed: (error) => log.push(String(error)),
    channelClosed: () => log.push('closed'),
  }
  const socket = new Socket()
  const before = EVENT_NAMES.map((name) => socket.listeners(name))
  const channel = new SocketChannel(socket, { tls: null, path: null })
  channel.attach(events)
  const added = EVENT_NAMES.map((name, at) =>
    socket.listeners(name).filter((listener) => !before[at]?.includes(listener)),
  )
  return { socket, channel, log, before, added }
}

test('all sockets share their listeners: an idle connection holds none of its own', () => {
  const [one, other] = [open(), open()]
  expect(one.added.flat()).toHaveLength(EVENT_NAMES.length)
  for (const [at, listeners] of one.added.entries()) expect(listeners[0]).toBe(other.added[at]?.[0])
})

test('each socket tells its own channel alone', () => {
  const [one, other] = [open(), open()]
  one.socket.emit('data', new Uint8Array(3))
  other.socket.emit('end')
  expect([one.log, other.log]).toEqual([['data 3'], ['end']])
})

test('after an error the socket is destroyed, and its end is told once', async () => {
  const { socket, log } = open()
  socket.emit('error', new Error('reset'))
  expect(socket.destroyed).toBe(true)
  await new Promise((resolve) => socket.once('close', resolve))
  expect(log).toEqual(['Error: reset', 'closed'])
})

test('a detached channel is told nothing, and leaves no listener behind', () => {
  const { socket, channel, log, before } = open()
  channel.detach()
  socket.emit('data', new Uint8Array(3))
  socket.emit('end')
  socket.emit('close')
  expect(log).toEqual([])
  expect(EVENT_NAMES.map((name) => socket.listeners(name))).toEqual(before)
  expect(() => channel.detach(), 'twice').not.toThrow()
})
