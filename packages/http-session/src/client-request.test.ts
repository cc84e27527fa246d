/** What a request tells those that stand between the caller and the wire about how its response is read. */
import { expect, test } from 'vitest'
import type { ClientRequest } from './client-request.ts'
import { ClientSession } from './session.ts'

/** The request as a middleware sees it. */
async function seen(
  session: ConstructorParameters<typeof ClientSession>[0],
  options: Parameters<ClientSession['get']>[1] = {},
): Promise<ClientRequest> {
  let request: ClientRequest | null = null
  await using made = new ClientSession({
    ...session,
    middleware: [
      (asked) => {
        request = asked
        return Promise.resolve(asked.respond({ status: 204 }))
      },
    ],
  })
  await made.get('http://a.example/', options)
  return request!
}

const DEFAULTS = { maxCodings: 5, maxDecodedBytes: 268_435_456, maxRatio: 1000 }

test('contentDecoding: the limits that hold, or false', async () => {
  expect((await seen({})).contentDecoding).toEqual(DEFAULTS)
  expect((await seen({ contentDecoding: { maxRatio: 7 } })).contentDecoding).toEqual({
    ...DEFAULTS,
    maxRatio: 7,
  })
  expect((await seen({}, { contentDecoding: false })).contentDecoding).toBe(false)
  expect((await seen({ contentDecoding: false })).contentDecoding).toBe(false)
  expect((await seen({ contentDecoding: false }, { contentDecoding: {} })).contentDecoding).toEqual(DEFAULTS)
  const request = await seen({})
  expect(request.with({ method: 'POST' }).contentDecoding).toEqual(DEFAULTS)
  expect(request.contentDecoding).not.toBe(request.contentDecoding)
})

test('maxBodyBytes: the session’s', async () => {
  expect((await seen({ maxBodyBytes: 7 })).maxBodyBytes).toBe(7)
  expect((await seen({})).maxBodyBytes).toBe(268_435_456)
})
