import { expect, test } from 'vitest'
import { HELLO, memoryServer, settle } from './memory-server.test-support.ts'

for (const size of [1_048_576, 4_194_304]) {
  for (const timeouts of [{ headersMs: 1000 }, { sendIdleMs: 1000 }]) {
    test(`${Object.keys(timeouts)[0]}: 1000 against a peer that takes 64 KiB every 100 ms, ${size} bytes: it never waits`, async () => {
      let taken = 0
      const { session, clock } = memoryServer(
        async (peer) => {
          await peer.reader.readUntil('\r\n\r\n')
          while (taken < size) {
            await new Promise<void>((resolve) => clock.setTimer(resolve, 100))
            taken += (await peer.reader.readExactly(Math.min(65_536, size - taken))).length
          }
          peer.writer.writeText(HELLO, 'latin1')
        },
        { timeouts },
        { clientToServer: { capacityBytes: 65_536 }, reader: { limit: 65_536, highWaterMark: 65_536 } },
      )
      const outcome = session.put('http://a.example/', { body: new Uint8Array(size) }).then(
        ({ status }) => status,
        (error: unknown) => `${(error as { code?: string }).code} after ${taken} of ${size} were read`,
      )
      for (let count = 0; count <= size / 65_536; count++) {
        clock.advance(100)
        await settle()
      }
      expect(await outcome).toBe(200)
    })
  }
}
