import { expect, test } from 'vitest'
import type { ClientResponse } from './index.ts'
import { memoryServer, readRequest, settle } from './memory-server.test-support.ts'
import type { Script } from './memory-server.test-support.ts'

const whole: Script = async (peer) => {
  while ((await readRequest(peer)) !== null) {
    peer.writer.writeText('HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n', 'latin1')
    await settle()
    peer.writer.writeText('0123456789', 'latin1')
    await settle()
    peer.writer.writeText('0123456789', 'latin1')
  }
}
const chunked: Script = async (peer) => {
  while ((await readRequest(peer)) !== null) {
    peer.writer.writeText(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n',
      'latin1',
    )
    await settle()
    peer.writer.writeText('a\r\n0123456789\r\n0\r\n\r\n', 'latin1')
  }
}

const READS: Record<string, (response: ClientResponse) => Promise<string>> = {
  'the stream that was handed out': async (response) => {
    const stream = response.toReadableStream()
    response.discard()
    await settle()
    await settle()
    return new Response(stream).text()
  },
  'await using around a stream that is returned': async (response) => {
    async function body(): Promise<ReadableStream<Uint8Array>> {
      await using it = response
      return it.toReadableStream()
    }
    const stream = await body()
    await settle()
    await settle()
    return new Response(stream).text()
  },
  'the loop that goes on': async (response) => {
    let text = ''
    for await (const chunk of response) {
      text += new TextDecoder().decode(chunk)
      response.discard()
      await settle()
      await settle()
    }
    return text
  },
  'lines that go on': async (response) => {
    const lines = response.lines()
    response.discard()
    await settle()
    await settle()
    const first = await lines.next()
    return String(first.value)
  },
}

for (const [wire, script] of Object.entries({ 'Content-Length': whole, chunked }))
  for (const [name, read] of Object.entries(READS))
    test(`${wire}: ${name} behind discard() never ends as if the body were whole`, async () => {
      const { session } = memoryServer(script)
      const response = await session.get('http://a.example/')
      const outcome = await read(response).then(
        (text) => `resolved with ${JSON.stringify(text)}`,
        (error: unknown) => (error as { code?: string }).code ?? String(error),
      )
      expect(outcome).toBe('ERR_HTTP_BODY_INCOMPLETE')
    })

test('a body that is discarded while it is read is whole, or an error says that it is not', async () => {
  for (let turns = 0; turns < 30; turns++) {
    const { session } = memoryServer(async (peer) => {
      await readRequest(peer)
      peer.writer.writeText('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', 'latin1')
      await settle()
      peer.writer.writeText('5\r\nHello\r\n5\r\nWorld\r\n0\r\n\r\n', 'latin1')
    })
    const response = await session.get('http://a.example/')
    const outcome = response.text().catch((error: unknown) => (error as { code: string }).code)
    for (let turn = 0; turn < turns; turn++) await Promise.resolve()
    response.discard()
    expect(await outcome).toMatch(/^(?:HelloWorld|ERR_HTTP_BODY_INCOMPLETE)$/)
  }
})
