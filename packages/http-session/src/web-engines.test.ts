/** The engines of the platform's `DecompressionStream`, and which engines a session takes. */
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { bytes, cuts, encoded, text } from './coded-content.test-support.ts'
import { EngineLoader } from './decoding-engines.ts'
import type { ByteSource } from './decoding-engines.ts'
import { webEngines } from './web-engines.ts'
import { zlibEngines } from './zlib-engines.ts'

const HELLO = 'Hello, Hello, Hello'

function sourceOf(chunks: readonly Uint8Array[]): ByteSource {
  const left = [...chunks]
  return { pull: () => Promise.resolve(left.shift() ?? null), destroy() {} }
}

async function decoded(source: ByteSource): Promise<string> {
  const chunks: Uint8Array[] = []
  for (let chunk = await source.pull(); chunk !== null; chunk = await source.pull()) chunks.push(chunk)
  return text(bytes(...chunks))
}

for (const format of ['gzip', 'zlib', 'deflate-raw'] as const) {
  test(`P39 ${format} by the platform, in every cut`, async () => {
    for (const chunks of cuts(encoded(format, HELLO))) {
      expect(await decoded(webEngines.open(format, sourceOf(chunks)))).toBe(HELLO)
    }
  })

  test(`P41 ${format} by the platform, truncated or corrupt`, async () => {
    const coded = encoded(format, HELLO)
    for (const wrong of [coded.slice(0, 3), coded.slice(0, -1), bytes([255, 255], coded)]) {
      await expect(decoded(webEngines.open(format, sourceOf([wrong])))).rejects.toBeInstanceOf(Error)
    }
  })
}

test('the platform does not know every format, and does nothing in one step', () => {
  expect(() => webEngines.open('br', sourceOf([]))).toThrow('no br')
  expect(webEngines.decodeWhole('gzip', encoded('gzip', HELLO), 100)).toBe(null)
})

// That of Node 20 takes all it can get before it gives anything; there the engines of zlib are at work.
const STOPS = Number(process.versions.node.split('.')[0]) > 20

test.runIf(STOPS)('the platform’s engine does not run far ahead of whoever reads', async () => {
  let pulled = 0
  const member = encoded('deflate-raw', randomBytes(4_000_000))
  const coded: ByteSource = {
    pull() {
      const chunk = member.subarray(pulled * 1000, (pulled + 1) * 1000)
      pulled += 1
      return Promise.resolve(chunk.length === 0 ? null : chunk)
    },
    destroy() {},
  }
  const source = webEngines.open('deflate-raw', coded)
  await source.pull()
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(pulled).toBeLessThan(400)
  source.destroy(new Error('enough'))
  await expect(source.pull()).rejects.toBeInstanceOf(Error)
})

test('destroy ends a pull of the platform’s that waits for content', async () => {
  const source = webEngines.open('gzip', { pull: () => new Promise(() => {}), destroy() {} })
  const pull = source.pull()
  source.destroy(new Error('enough'))
  await expect(pull).rejects.toBeInstanceOf(Error)
})

test('engines are loaded once, when they are asked for', async () => {
  let count = 0
  const loader = new EngineLoader(() => {
    count += 1
    return Promise.resolve(webEngines)
  })
  expect(count).toBe(0)
  expect(await Promise.all([loader.engines(), loader.engines()])).toEqual([webEngines, webEngines])
  expect(loader.engines()).toBe(webEngines)
  expect(count).toBe(1)
})

test('in Node they are those of zlib', async () => {
  expect(await new EngineLoader().engines()).toBe(zlibEngines)
})
