/** A status as an error, where its policy or its body misbehaves. */
import { expect, test } from 'vitest'
import { answering, memoryServer, readRequest, settle } from './memory-server.test-support.ts'
import { outcome } from './outcome.test-support.ts'
const URL = 'http://a.example/'
const LONG = 'HTTP/1.1 500 Oops\r\nContent-Length: 1000000\r\n\r\nabc'
test('throwOnStatus that throws gives the response up', async () => {
  const server = memoryServer(answering(LONG), {
    throwOnStatus: () => {
      throw new Error('mine')
    },
  })
  await expect(server.session.get(URL)).rejects.toThrow('mine')
  expect(await outcome(server.session.close().then(() => 'closed'))).toBe('closed')
})
test('an abort while the preview is read rejects with the reason', async () => {
  const server = memoryServer(answering(LONG), { throwOnStatus: true })
  const controller = new AbortController()
  const got = server.session.get(URL, { signal: controller.signal })
  await settle()
  controller.abort(new Error('enough'))
  expect(await outcome(got)).toMatchObject({ message: 'enough' })
})
test('the preview of a body that trickles does not keep the error back for ever', async () => {
  const server = memoryServer(
    async (peer) => {
      await readRequest(peer)
      peer.writer.writeText('HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n')
      for (;;) {
        await new Promise<void>((resolve) => server.clock.setTimer(resolve, 60_000))
        if (peer.writer.isClosing) return
        peer.writer.writeText('1\r\na\r\n')
      }
    },
    { throwOnStatus: true },
  )
  let result: unknown = 'pending'
  server.session.get(URL).then(
    (v) => (result = v),
    (e: unknown) => (result = e),
  )
  for (let minute = 0; minute < 60; minute++) {
    await settle()
    server.clock.advance(60_000)
  }
  await settle()
  expect(result).toMatchObject({ code: 'ERR_HTTP_STATUS' })
})
