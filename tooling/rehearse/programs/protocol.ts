// A protocol of one's own, from reader, writer and transport: lines go out, and come back in capital letters.
import { StreamReader } from '@x/stream-reader'
import { StreamWriter } from '@x/stream-writer'
import {
  createConnection,
  createServer,
  type BufferedProtocol,
  type CloseReason,
  type Transport,
} from '@x/transport'

class LineProtocol implements BufferedProtocol {
  readonly reader: StreamReader = new StreamReader()
  writer: StreamWriter | undefined

  connectionMade(transport: Transport): void {
    this.reader.setFlowControl(transport)
    this.writer = new StreamWriter(transport)
  }

  getBuffer(): Uint8Array {
    return this.reader.getBuffer()
  }

  bufferUpdated(byteCount: number): void {
    this.reader.bufferUpdated(byteCount)
  }

  dataReceived(chunk: Uint8Array): void {
    this.reader.feed(chunk)
  }

  eofReceived(): void {
    this.writer?.push()
    this.reader.feedEof()
  }

  connectionLost(reason: CloseReason): void {
    if (!this.reader.atEof && reason.reason !== 'eof') this.reader.feedError(reason.cause)
    this.writer?.connectionLost(reason)
  }
}

class Shouting extends LineProtocol {
  override connectionMade(transport: Transport): void {
    super.connectionMade(transport)
    void this.answer()
  }

  async answer(): Promise<void> {
    const line = await this.reader.readLine()
    this.writer?.writeText(`${line?.toUpperCase()}\n`)
    await this.writer?.close()
  }
}

async function main(): Promise<void> {
  const server = await createServer(() => new Shouting(), { host: '127.0.0.1', port: 0 })
  const { protocol } = await createConnection(() => new LineProtocol(), {
    host: '127.0.0.1',
    port: server.port,
  })
  protocol.writer?.writeText('hello\n')
  console.log(await protocol.reader.readLine({ timeoutMs: 5000 }))
  await protocol.writer?.close()
  await server.shutdown()
}

void main()
