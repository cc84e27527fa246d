// The six steps from a raw protocol to a session, one after the other, against a server of its own.
import { startHelloServer } from './hello-server.mjs'
import { rawProtocol } from './steps/1-raw-protocol.mjs'
import { session } from './steps/2-session.mjs'
import { endsByItself } from './steps/3-ends-by-itself.mjs'
import { reader } from './steps/4-reader.mjs'
import { readerAndWriter } from './steps/5-reader-and-writer.mjs'
import { platformStreams } from './steps/6-platform-streams.mjs'

/** @typedef {Awaited<ReturnType<typeof startHelloServer>>} Server */

/** @type {[title: string, step: (server: Server) => Promise<void>][]} */
const STEPS = [
  ['a raw protocol on a transport: @x/transport', rawProtocol],
  ['a session, one method for each method of HTTP: @x/http-session', session],
  ['a program that ends by itself when its answer is in', endsByItself],
  ['a reader, fed by a protocol and read to the end: @x/stream-reader', reader],
  ['reader and writer of one connection: @x/streams', readerAndWriter],
  ["the same session on the platform's own streams", platformStreams],
]

export async function tour() {
  const server = await startHelloServer()
  try {
    for (const [index, [title, step]] of STEPS.entries()) {
      console.log(`${index === 0 ? '' : '\n'}== ${index + 1}. ${title}`)
      await step(server)
    }
  } finally {
    server.close()
  }
}
