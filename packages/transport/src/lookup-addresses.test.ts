import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { lookupAddresses } from './index.ts'
import type { Lookup } from './index.ts'

const answering =
  (...addresses: string[]): Lookup =>
  (_name, _options, callback) =>
    queueMicrotask(() =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      ),
    )
const unasked: Lookup = () => expect.fail('asked')

test('lookupAddresses: families take turns, the first one first', async () => {
  const lookup = answering('2001:db8::1', '2001:db8::2', '192.0.2.1', '192.0.2.2')
  const all = await lookupAddresses('a.example', { lookup })
  expect(all.map(({ address }) => address)).toEqual(['2001:db8::1', '192.0.2.1', '2001:db8::2', '192.0.2.2'])
  expect(all.map(({ family }) => family)).toEqual([6, 4, 6, 4])
  const four = await lookupAddresses('a.example', { lookup, family: 4 })
  expect(four.map(({ address }) => address)).toEqual(['192.0.2.1', '192.0.2.2'])
})

test('lookupAddresses: literals are their own', async () => {
  expect(await lookupAddresses('192.0.2.1', { lookup: unasked })).toEqual([
    { address: '192.0.2.1', family: 4 },
  ])
  expect(await lookupAddresses('[::1]', { lookup: unasked })).toEqual([{ address: '::1', family: 6 }])
  await expect(lookupAddresses('::1', { family: 4 })).rejects.toMatchObject({
    code: 'ERR_TRANSPORT_DNS_NOTFOUND',
  })
})

test('lookupAddresses: the system resolver by default', async () => {
  const found = await lookupAddresses('localhost')
  expect(['127.0.0.1', '::1']).toContain(found[0]?.address)
})

test('lookupAddresses: failures, an abort and a limit leave nothing behind', async () => {
  const failing: Lookup = (_name, _options, callback) =>
    callback(Object.assign(new Error('x'), { code: 'EAI_AGAIN' }), [])
  await expect(lookupAddresses('a.example', { lookup: failing })).rejects.toMatchObject({
    code: 'ERR_TRANSPORT_DNS_FAILED',
    host: 'a.example',
  })
  const { signal } = new AbortController()
  await lookupAddresses('a.example', { lookup: answering('192.0.2.1'), signal })
  expect(getEventListeners(signal, 'abort')).toEqual([])
  const controller = new AbortController()
  const waiting = lookupAddresses('a.example', {
    lookup: () => controller.abort('x'),
    signal: controller.signal,
  })
  await expect(waiting).rejects.toBe('x')
  await expect(
    lookupAddresses('a.example', { lookup: unasked, signal: AbortSignal.abort('y') }),
  ).rejects.toBe('y')
  await expect(lookupAddresses('a.example', { lookup: () => {}, timeoutMs: 1 })).rejects.toMatchObject({
    code: 'ERR_TRANSPORT_TIMEOUT',
    phase: 'dns',
    limitMs: 1,
  })
})

test('lookupAddresses: options that cannot be meant', async () => {
  for (const [host, options] of [
    ['', {}],
    ['a', { family: 5 }],
    ['a', { lookup: 1 }],
    ['a', { signal: {} }],
    ['a', { timeoutMs: 0 }],
  ])
    await expect(lookupAddresses(host as string, options as object)).rejects.toThrow(/option "/)
})
