import { StreamReader } from '@x/stream-reader'
import { createConnection } from '@x/transport'

/** @typedef {import('@x/transport').Protocol} Protocol */

/** @implements {Protocol} */
class FeedingProtocol {
  reader = new StreamReader()

  /** @param {import('@x/transport').Transport} transport */
  connectionMade(transport) {
    this.reader.setFlowControl(transport)
    transport.write(
      new TextEncoder().encode('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'),
    )
  }

  /** @param {Uint8Array} data */
  dataReceived(data) {
    this.reader.feed(data)
  }

  eofReceived() {
    this.reader.feedEof()
  }

  /** @param {import('@x/transport').CloseReason} reason */
  connectionLost({ reason, cause }) {
    if (reason === 'error') this.reader.feedError(cause)
  }
}

/** @param {{ host: string, port: number }} server */
export async function reader({ host, port }) {
  const { protocol, transport } = await createConnection(() => new FeedingProtocol(), { host, port })
  for (let chunk = await protocol.reader.read(); chunk !== null; chunk = await protocol.reader.read()) {
    process.stdout.write(chunk)
  }
  await transport.closed
}
