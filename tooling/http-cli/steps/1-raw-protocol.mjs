import { createConnection } from '@x/transport'

/** @typedef {import('@x/transport').Protocol} Protocol */

/** @implements {Protocol} */
class GetProtocol {
  /** @param {import('@x/transport').Transport} transport */
  connectionMade(transport) {
    const { remoteAddress, remotePort } = transport.info
    const request = `GET / HTTP/1.1\r\nHost: ${remoteAddress}:${remotePort}\r\nConnection: close\r\n\r\n`
    transport.write(new TextEncoder().encode(request))
  }

  /** @param {Uint8Array} data */
  dataReceived(data) {
    process.stdout.write(data)
  }

  /** @param {import('@x/transport').CloseReason} reason */
  connectionLost({ reason }) {
    console.log(`(connection lost: ${reason})`)
  }
}

/** @param {{ host: string, port: number }} server */
export async function rawProtocol({ host, port }) {
  const { transport } = await createConnection(() => new GetProtocol(), { host, port })
  await transport.closed
}
