// Works that write many pieces in one turn of the event loop, to a server that drops them.
import { once } from 'node:events'
import { connect } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { openConnection } from '@x/streams'
import { repeatFor } from './work.mjs'

/**
 * Writes `count` times `piece`, and waits where the other side is slower.
 *
 * @typedef {(piece: Buffer, count: number) => Promise<unknown> | undefined} WriteAll
 *
 * @typedef {object} Sink
 * @property {WriteAll} writeAll
 * @property {() => void} close
 */

/** Content of a length that nobody reaches: everything that follows is dropped. */
const HEAD = Buffer.from(
  `POST /upload HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${Number.MAX_SAFE_INTEGER}\r\n\r\n`,
)

/** @type {Record<string, { ours?: boolean, open: (port: number) => Promise<Sink> }>} */
const CONTENDERS = {
  'socket.write': { open: (port) => onSocket(port, (socket) => writeEach(socket)) },
  'socket.write corked': {
    open: (port) =>
      onSocket(port, (socket) => {
        const write = writeEach(socket)
        return (piece, count) => {
          socket.cork()
          const waiting = write(piece, count)
          socket.uncork()
          return waiting
        }
      }),
  },
  'floor: joined by hand': {
    open: (port) =>
      onSocket(port, (socket) => (piece, count) => {
        const joined = Buffer.allocUnsafe(piece.length * count)
        for (let at = 0; at < joined.length; at += piece.length) joined.set(piece, at)
        return socket.write(joined) ? undefined : once(socket, 'drain')
      }),
  },
  'StreamWriter.write': { ours: true, open: (port) => onWriter(port, 'write') },
  'StreamWriter.writeOwned': { ours: true, open: (port) => onWriter(port, 'writeOwned') },
}

/**
 * @param {{ name: string, pieceBytes: number, count: number }} what
 * @returns {import('./work.mjs').Work}
 */
export function writerWork({ name, pieceBytes, count }) {
  const size = pieceBytes < 1024 ? `${pieceBytes} bytes` : `${pieceBytes / 1024} KiB`
  return {
    name,
    group: 'Writers',
    title: `${count} pieces of ${size} in one turn`,
    measure: 'rate',
    unit: 'turn',
    baseline: 'socket.write',
    warmUpFactor: 0.25,
    contenders: () =>
      Object.entries(CONTENDERS).map(([contender, { open, ours = false }]) => ({
        name: contender,
        ours,
        async open({ servers }) {
          const { writeAll, close } = await open(servers.port)
          const piece = Buffer.alloc(pieceBytes, 'x')
          const turn = async () => {
            await writeAll(piece, count)
            await nextTurn()
            return 1
          }
          return { run: (durationMs) => repeatFor(durationMs, turn), close }
        },
      })),
  }
}

/**
 * @param {number} port
 * @param {(socket: import('node:net').Socket) => WriteAll} writeAllTo
 * @returns {Promise<Sink>}
 */
async function onSocket(port, writeAllTo) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  socket.write(HEAD)
  return { writeAll: writeAllTo(socket), close: () => socket.destroy() }
}

/**
 * @param {import('node:net').Socket} socket
 * @returns {WriteAll}
 */
function writeEach(socket) {
  return (piece, count) => {
    let isFull = false
    for (let left = count; left > 0; left--) isFull = !socket.write(piece)
    return isFull ? once(socket, 'drain') : undefined
  }
}

/**
 * @param {number} port
 * @param {'write' | 'writeOwned'} method
 * @returns {Promise<Sink>}
 */
async function onWriter(port, method) {
  const connection = await openConnection({ port, host: '127.0.0.1' })
  const { writer } = connection
  writer.write(HEAD)
  return {
    writeAll(piece, count) {
      for (let left = count; left > 0; left--) writer[method](piece)
      return writer.drain()
    },
    close: () => connection.abort(),
  }
}
