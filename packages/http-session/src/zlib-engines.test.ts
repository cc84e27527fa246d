/** The engines of Node's zlib: the same from every cut, nothing overlooked, nothing left open. */
import { gzipSync } from 'node:zlib'
import * as zlib from 'node:zlib'
import { expect, test } from 'vitest'
import {
  bytes,
  cuts,
  encoded,
  FORMATS,
  HAS_ZSTD,
  SEES_STREAMS,
  text,
  zlibStreamsOf,
} from './coded-content.test-support.ts'
import type { CodedFormat } from './content-coding.ts'
import type { ByteSource } from './decoding-engines.ts'
import { zlibEngines } from './zlib-engines.ts'

function sourceOf(chunks: readonly Uint8Array[]): ByteSource {
  const left = [...chunks]
  return { pull: () => Promise.resolve(left.shift() ?? null), destroy() {} }
}

async function decoded(format: CodedFormat, chunks: readonly Uint8Array[]): Promise<string> {
  const source = zlibEngines.open(format, sourceOf(chunks))
  let all = ''
  try {
    for (let chunk = await source.pull(); chunk !== null; chunk = await source.pull()) all += text(chunk)
  } finally {
    source.destroy(null)
  }
  return all
}

/** What comes of it, the same for every cut and in one step. */
async function outcomeOf(format: CodedFormat, coded: Uint8Array): Promise<string> {
  const whole = zlibEngines.decodeWhole(format, coded, 1_000_000)
  const outcomes = new Set<string>()
  for (const chunks of cuts(coded)) {
    outcomes.add(
      await decoded(format, chunks).then(
        (value) => `ok ${value}`,
        () => 'error',
      ),
    )
  }
  if (whole !== null) outcomes.add(`ok ${text(whole)}`)
  return [...outcomes].join(' / ')
}

const HELLO = 'Hello, Hello, Hello'
const SKIPPABLE = [0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]

for (const format of FORMATS) {
  const coded = encoded(format, HELLO)

  test(`P39 ${format}: the same from every cut`, async () => {
    expect(await outcomeOf(format, coded)).toBe(`ok ${HELLO}`)
    expect(await outcomeOf(format, encoded(format, ''))).toBe('ok ')
  })

  test(`P41 ${format}: truncated at every octet`, async () => {
    for (let length = 1; length < coded.length; length++) {
      const cut = coded.slice(0, length)
      expect(zlibEngines.decodeWhole(format, cut, 1_000_000), `${length} octets`).toBe(null)
      await expect(decoded(format, [cut]), `${length} octets`).rejects.toBeInstanceOf(Error)
      await expect(
        decoded(
          format,
          [...cut].map((octet) => Uint8Array.of(octet)),
        ),
        `${length} octets`,
      ).rejects.toBeInstanceOf(Error)
    }
  })

  test(`P41 ${format}: something else behind it`, async () => {
    for (const junk of [[88], [0, 88], [88, 0], [0, 0, 0, 88], [0x1f], [0x1f, 0x8b], coded.slice(0, 4)]) {
      expect(await outcomeOf(format, bytes(coded, junk)), JSON.stringify(junk)).toBe('error')
    }
  })

  test(`P41 ${format}: corrupt`, async () => {
    for (const junk of [[88], [0, 0, 0, 0], [255, 255, 255, 255, 255], [0x78, 0x9c, 255, 255, 255]]) {
      expect(await outcomeOf(format, bytes(junk)), JSON.stringify(junk)).toBe('error')
    }
  })
}

test('P41 a wrong checksum, gzip and zlib', async () => {
  for (const format of ['gzip', 'zlib'] as const) {
    const coded = encoded(format, HELLO)
    const at = coded.length - (format === 'gzip' ? 8 : 4)
    coded[at]! ^= 1
    expect(await outcomeOf(format, coded)).toBe('error')
  }
})

test('P39 several gzip members, empty ones too', async () => {
  const members = ['a', '', 'b', '', HELLO].map((content) => encoded('gzip', content))
  expect(await outcomeOf('gzip', bytes(...members))).toBe(`ok ab${HELLO}`)
  expect(await outcomeOf('gzip', bytes(encoded('gzip', ''), encoded('gzip', '')))).toBe('ok ')
})

test('P39 a gzip header with every optional part', async () => {
  const [, ...rest] = [...encoded('gzip', HELLO)].slice(9)
  const header = [0x1f, 0x8b, 8, 0x1c, 0, 0, 0, 0, 0, 3, 2, 0, 1, 2, 97, 0, 98, 0]
  expect(await outcomeOf('gzip', bytes(header, rest))).toBe(`ok ${HELLO}`)
})

test('P41 zeros behind the last gzip member are padding, another member behind them is not', async () => {
  const member = encoded('gzip', HELLO)
  expect(await outcomeOf('gzip', bytes(member, [0]))).toBe(`ok ${HELLO}`)
  expect(await outcomeOf('gzip', bytes(member, member, [0, 0, 0, 0, 0]))).toBe(`ok ${HELLO}${HELLO}`)
  expect(await outcomeOf('gzip', bytes(member, [0], member))).toBe('error')
  expect(await outcomeOf('gzip', bytes([0], member))).toBe('error')
})

for (const format of FORMATS.filter((name) => name !== 'gzip')) {
  test(`P41 ${format} has no padding`, async () => {
    expect(await outcomeOf(format, bytes(encoded(format, HELLO), [0]))).toBe('error')
  })
}

test('P41 data that asks for a preset dictionary', async () => {
  const coded = zlib.deflateSync(HELLO, { dictionary: Buffer.from(HELLO) })
  expect(await outcomeOf('zlib', bytes(coded))).toBe('error')
})

test.runIf(HAS_ZSTD)('P39 several zstd frames, empty and skippable ones too', async () => {
  const frames = ['a', '', 'b'].map((content) => encoded('zstd', content))
  expect(await outcomeOf('zstd', bytes(...frames))).toBe('ok ab')
  expect(await outcomeOf('zstd', bytes(SKIPPABLE, ...frames, SKIPPABLE))).toBe('ok ab')
})

test.runIf(HAS_ZSTD)('zstd windows of more than 8 MiB are refused', async () => {
  const { zstdCompressSync, constants } = zlib as unknown as {
    zstdCompressSync(content: Uint8Array, options: object): Uint8Array
    constants: { ZSTD_c_windowLog: number }
  }
  const content = Buffer.alloc(17_000_000, 'abcdefghij')
  for (const [windowLog, outcome] of [
    [23, null],
    [24, 'error'],
  ] as const) {
    const coded = new Uint8Array(
      zstdCompressSync(content, { params: { [constants.ZSTD_c_windowLog]: windowLog } }),
    )
    expect(
      await decoded('zstd', [coded]).then(
        () => null,
        () => 'error',
      ),
    ).toBe(outcome)
  }
})

test.runIf(HAS_ZSTD)('zstd frames without end are refused', async () => {
  const frame = encoded('zstd', '')
  const frames = bytes(...Array.from({ length: 1100 }, () => frame))
  await expect(decoded('zstd', [frames])).rejects.toThrow('too many small frames')
})

test('nothing runs far ahead of whoever reads', async () => {
  let given = 0
  const member = new Uint8Array(gzipSync(Buffer.alloc(4_000_000)))
  const source = zlibEngines.open('gzip', {
    pull() {
      given += 1
      return Promise.resolve(member)
    },
    destroy() {},
  })
  let byteCount = 0
  while (byteCount < 10_000_000) {
    const chunk = await source.pull()
    byteCount += chunk?.length ?? 0
    expect(chunk?.length).toBeLessThanOrEqual(65_536)
    expect(given).toBeLessThanOrEqual(Math.ceil((byteCount + 1) / 4_000_000))
  }
  source.destroy(new Error('enough'))
  await expect(source.pull()).rejects.toThrow('enough')
})

test('destroy ends a pull that waits, for content or for zlib', async () => {
  const forContent = zlibEngines.open('gzip', { pull: () => new Promise(() => {}), destroy() {} })
  const forZlib = zlibEngines.open('gzip', sourceOf([new Uint8Array(gzipSync(Buffer.alloc(1_000_000)))]))
  const pulls = [forContent.pull(), forZlib.pull()]
  await Promise.resolve()
  await Promise.resolve()
  forZlib.destroy('enough')
  await expect(pulls[1]).rejects.toBe('enough')
  forContent.destroy('enough')
  await expect(forContent.pull()).rejects.toBe('enough')
})

test('no stream is left open, however it ends', async () => {
  const streams = await zlibStreamsOf(async () => {
    for (const format of FORMATS) {
      const coded = encoded(format, HELLO)
      await decoded(format, [coded])
      for (const wrong of [bytes(coded, [88]), coded.slice(0, -1), bytes([88])]) {
        await expect(decoded(format, [wrong])).rejects.toBeInstanceOf(Error)
      }
    }
    await decoded('gzip', [bytes(encoded('gzip', HELLO), [0, 0])])
    if (HAS_ZSTD) await decoded('zstd', [bytes(encoded('zstd', HELLO), encoded('zstd', HELLO))])
  })
  expect(streams.length).toBeGreaterThan(SEES_STREAMS ? FORMATS.length * 4 : -1)
  expect(streams.filter(({ destroyed }) => !destroyed)).toEqual([])
})

test('in one step: nothing above the limit, nothing at all for a limit of 0', () => {
  for (const format of FORMATS) {
    const coded = encoded(format, HELLO)
    expect(zlibEngines.decodeWhole(format, coded, HELLO.length)).toEqual(bytes(HELLO))
    expect(zlibEngines.decodeWhole(format, coded, HELLO.length - 1)).toBe(null)
    expect(zlibEngines.decodeWhole(format, coded, 0)).toBe(null)
  }
})
