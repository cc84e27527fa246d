/** Coded content that would become too much. */
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import {
  bytes,
  codedResponse,
  encoded,
  failure,
  get,
  HAS_BR,
  HELLO,
  inPieces,
  READS,
  zlibStreamsOf,
} from './coded-content.test-support.ts'

const UNLIMITED = { maxCodings: Infinity, maxDecodedBytes: Infinity, maxRatio: Infinity }
const MIB = 1024 * 1024
const zeros = new Uint8Array(64 * MIB)
const fast = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }
const BOMBS = [
  { name: 'gzip', field: 'gzip', content: gzipSync(zeros) },
  { name: 'zlib', field: 'deflate', content: deflateSync(zeros) },
  { name: 'br', field: 'br', content: brotliCompressSync(zeros, fast) },
  { name: 'gzip in gzip', field: 'gzip, gzip', content: gzipSync(gzipSync(zeros)) },
  { name: 'br in gzip', field: 'br, gzip', content: gzipSync(brotliCompressSync(zeros, fast)) },
]

for (const { name, field, content } of BOMBS.filter((bomb) => HAS_BR || !bomb.field.includes('br'))) {
  test(`P43 ${name}: 64 MiB of nothing end at the ratio`, async () => {
    const responses = [
      codedResponse(field, bytes(content)),
      inPieces(...pieces(codedResponse(field, bytes(content)))),
    ]
    for (const wire of responses) {
      const streams = await zlibStreamsOf(async () => {
        let byteCount = 0
        const response = await get(wire)
        const reading = (async () => {
          for await (const chunk of response) {
            byteCount += chunk.length
            expect(chunk.length).toBeLessThanOrEqual(65_536)
          }
        })()
        await expect(reading).rejects.toMatchObject({
          code: 'ERR_HTTP_DECOMPRESSION_LIMIT',
          phase: 'decode',
          limit: 'maxRatio',
          value: 1000,
        })
        expect(byteCount).toBeLessThanOrEqual(Math.max(MIB, content.length * 2000))
      })
      expect(streams.every(({ destroyed }) => destroyed)).toBe(true)
    }
    await expect((await get(codedResponse(field, bytes(content)))).bytes()).rejects.toMatchObject({
      limit: 'maxRatio',
    })
  })
}

function pieces(wire: string): string[] {
  const all: string[] = []
  for (let at = 0; at < wire.length; at += 10_000) all.push(wire.slice(at, at + 10_000))
  return all
}

test('P43 without limits a bomb is decoded', async () => {
  const wire = codedResponse('gzip', bytes(BOMBS[0]!.content))
  let byteCount = 0
  for await (const chunk of await get(wire, { contentDecoding: UNLIMITED })) byteCount += chunk.length
  expect(byteCount).toBe(zeros.length)
})

test('P43 maxDecodedBytes, to the byte, in one step and in many', async () => {
  for (const length of [1000, 3 * MIB]) {
    const content = encoded('gzip', Buffer.alloc(length, 'abcdefghijk'))
    for (const { name, read } of READS) {
      const at = { contentDecoding: { maxDecodedBytes: length } }
      expect((await read(await get(codedResponse('gzip', content), at))).length, name).toBe(length)
      const below = { contentDecoding: { maxDecodedBytes: length - 1 } }
      expect(await read(await get(codedResponse('gzip', content), below)).catch(failure), name).toMatchObject(
        {
          code: 'ERR_HTTP_DECOMPRESSION_LIMIT',
          limit: 'maxDecodedBytes',
          value: length - 1,
          message: expect.stringContaining(`maxDecodedBytes = ${length - 1}`),
        },
      )
    }
  }
})

test('P43 what lies between two codings counts too', async () => {
  const members = bytes(...Array.from({ length: 50_000 }, () => encoded('gzip', '')))
  const wire = codedResponse('gzip, gzip', encoded('gzip', members))
  await expect(
    (await get(wire, { contentDecoding: { maxDecodedBytes: MIB / 2 } })).bytes(),
  ).rejects.toMatchObject({
    limit: 'maxDecodedBytes',
  })
  expect(await (await get(wire, { contentDecoding: { maxRatio: Infinity } })).text()).toBe('')
})

test('P43 more than five codings, or than were allowed', async () => {
  const stack = (count: number): string => {
    let content = bytes(HELLO)
    for (let coding = 0; coding < count; coding++) content = encoded('gzip', content)
    return codedResponse(Array.from({ length: count }, () => 'gzip').join(', '), content)
  }
  const limit = { code: 'ERR_HTTP_DECOMPRESSION_LIMIT', limit: 'maxCodings', value: 5 }
  await expect((await get(stack(6))).text()).rejects.toMatchObject(limit)
  expect(await (await get(stack(5))).text()).toBe(HELLO)
  expect(await (await get(stack(6), { contentDecoding: { maxCodings: 6 } })).text()).toBe(HELLO)
  expect(await (await get(stack(9), { contentDecoding: UNLIMITED })).text()).toBe(HELLO)
  await expect((await get(stack(1), { contentDecoding: { maxCodings: 0 } })).text()).rejects.toMatchObject({
    limit: 'maxCodings',
    value: 0,
  })
})

test('maxBodyBytes counts what comes of it', async () => {
  for (const length of [1000, 3 * MIB]) {
    const wire = codedResponse('gzip', encoded('gzip', Buffer.alloc(length, 'abcdefghijk')))
    expect((await (await get(wire, { maxBodyBytes: length })).bytes()).length).toBe(length)
    await expect((await get(wire, { maxBodyBytes: length - 1 })).text()).rejects.toMatchObject({
      code: 'ERR_HTTP_BODY_TOO_LARGE',
      limit: 'maxBodyBytes',
      value: length - 1,
    })
  }
  const short = codedResponse('gzip', encoded('gzip', 'a'))
  expect(await (await get(short, { maxBodyBytes: 1 })).text()).toBe('a')
})
