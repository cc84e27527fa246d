import { once } from 'node:events'
import { expect, test } from 'vitest'
import { planLookup } from './dns-cache-plan.ts'
import type { LookupPlan } from './dns-cache-plan.ts'
import { createConnection, createDnsCache } from './index.ts'
import type { DnsCacheOptions, Lookup } from './index.ts'
import { rawServer, Recorder } from './test-peers.test-support.ts'
import { VirtualClock } from './virtual-clock.ts'

const TERMS = { ttlMs: 30, staleMs: 20 }

const PLANS: { name: string; ageMs: number | null; quiet: LookupPlan; asking: LookupPlan }[] = [
  { name: 'nothing is known', ageMs: null, quiet: 'ask', asking: 'join' },
  { name: 'fresh', ageMs: 0, quiet: 'answer', asking: 'answer' },
  { name: 'just fresh', ageMs: 29.9, quiet: 'answer', asking: 'answer' },
  { name: 'stale', ageMs: 30, quiet: 'answer and refresh', asking: 'answer' },
  { name: 'just stale', ageMs: 49.9, quiet: 'answer and refresh', asking: 'answer' },
  { name: 'expired', ageMs: 50, quiet: 'ask', asking: 'join' },
]

for (const { name, ageMs, quiet, asking } of PLANS) {
  test(`planLookup: ${name}`, () => {
    expect(planLookup(ageMs, 'quiet', TERMS)).toBe(quiet)
    expect(planLookup(ageMs, 'asking', TERMS)).toBe(asking)
  })
}

test('planLookup: terms of 0 keep nothing', () => {
  expect(planLookup(0, 'quiet', { ttlMs: 0, staleMs: 0 })).toBe('ask')
  expect(planLookup(0, 'quiet', { ttlMs: 0, staleMs: 5 })).toBe('answer and refresh')
})

/** A cache whose resolver answers when it is told to. */
function cacheWorld(options: DnsCacheOptions = {}) {
  const clock = new VirtualClock()
  const asked: { host: string; family: number; done: Parameters<Lookup>[2] }[] = []
  const cache = createDnsCache({
    ...TERMS,
    now: () => clock.now(),
    lookup: (host, { family }, done) => asked.push({ host, family, done }),
    ...options,
  })
  const look = (host: string, family: 0 | 4 | 6 = 0): Promise<string> =>
    new Promise((resolve, reject) =>
      cache.lookup(host, { all: true, family, order: 'verbatim', verbatim: true }, (error, addresses) =>
        error ? reject(error) : resolve(addresses.map(({ address }) => address).join()),
      ),
    )
  return {
    cache,
    clock,
    asked,
    look,
    answer: (index: number, address: string) => asked[index]?.done(null, [{ address, family: 4 }]),
    fail: (index: number, code: string) => asked[index]?.done(Object.assign(new Error(code), { code }), []),
  }
}

test('createDnsCache: one look-up for all who ask at once, in any case of letters', async () => {
  const { asked, look, answer } = cacheWorld()
  const looking = [look('a.test'), look('A.Test'), look('a.test')]
  expect(asked.length).toBe(1)
  answer(0, '10.0.0.1')
  expect(await Promise.all(looking)).toEqual(['10.0.0.1', '10.0.0.1', '10.0.0.1'])
  expect(await look('a.TEST')).toBe('10.0.0.1')
  expect(asked.length).toBe(1)
})

test('createDnsCache: names and families do not mix', async () => {
  const { asked, look, answer } = cacheWorld()
  const looking = [look('a.test'), look('b.test'), look('a.test', 4)]
  expect(asked.map(({ host, family }) => `${family} ${host}`)).toEqual(['0 a.test', '0 b.test', '4 a.test'])
  for (const index of [2, 1, 0]) answer(index, `10.0.0.${index}`)
  expect(await Promise.all(looking)).toEqual(['10.0.0.0', '10.0.0.1', '10.0.0.2'])
})

test('createDnsCache: a stale answer is given at once and refreshed once', async () => {
  const { clock, asked, look, answer } = cacheWorld()
  const first = look('a.test')
  answer(0, '10.0.0.1')
  await first
  clock.advance(30)
  expect(await Promise.all([look('a.test'), look('a.test')])).toEqual(['10.0.0.1', '10.0.0.1'])
  expect(asked.length).toBe(2)
  answer(1, '10.0.0.2')
  clock.advance(29)
  expect(await look('a.test')).toBe('10.0.0.2')
  expect(asked.length).toBe(2)
})

test('createDnsCache: a refresh that fails keeps the stale answer until it has expired', async () => {
  const { clock, asked, look, answer, fail } = cacheWorld()
  const first = look('a.test')
  answer(0, '10.0.0.1')
  await first
  clock.advance(30)
  await look('a.test')
  fail(1, 'EAI_AGAIN')
  expect(await look('a.test')).toBe('10.0.0.1')
  clock.advance(20)
  fail(2, 'EAI_AGAIN')
  const late = look('a.test')
  expect(asked.length).toBe(4)
  fail(3, 'ENOTFOUND')
  await expect(late).rejects.toMatchObject({ code: 'ENOTFOUND' })
})

test('createDnsCache: an expired name that is being refreshed is waited for', async () => {
  const { clock, asked, look, answer } = cacheWorld()
  const first = look('a.test')
  answer(0, '10.0.0.1')
  await first
  clock.advance(45)
  await look('a.test')
  clock.advance(10)
  const late = look('a.test')
  expect(asked.length).toBe(2)
  answer(1, '10.0.0.2')
  expect(await late).toBe('10.0.0.2')
})

test('createDnsCache: a failure and an empty answer are told to all who wait, and not kept', async () => {
  const { asked, look, answer, fail } = cacheWorld()
  const failing = [look('a.test'), look('a.test')]
  fail(0, 'ENOTFOUND')
  for (const each of failing) await expect(each).rejects.toMatchObject({ code: 'ENOTFOUND' })
  const empty = look('a.test')
  asked[1]?.done(null, [])
  expect(await empty).toBe('')
  const good = look('a.test')
  expect(asked.length).toBe(3)
  answer(2, '10.0.0.1')
  expect(await good).toBe('10.0.0.1')
})

const ODD_RESOLVERS: { name: string; lookup: unknown; says: string }[] = [
  {
    name: 'one address, as dns.lookup without `all`',
    lookup: (_host: string, _options: object, done: (...answer: unknown[]) => void) => done(null, '::1', 6),
    says: '::1',
  },
  {
    name: 'nothing',
    lookup: (_host: string, _options: object, done: (...answer: unknown[]) => void) => done(null),
    says: 'lookup answered with neither an address nor a list of them',
  },
  {
    name: 'a list of nothing',
    lookup: (_host: string, _options: object, done: (...answer: unknown[]) => void) => done(null, [null]),
    says: 'lookup answered with neither an address nor a list of them',
  },
  {
    name: 'a promise that rejects',
    lookup: () => Promise.reject(new Error('no resolver')),
    says: 'no resolver',
  },
]

for (const { name, lookup, says } of ODD_RESOLVERS) {
  test(`createDnsCache: a resolver that answers ${name} harms nobody`, async () => {
    const { look } = cacheWorld({ lookup: lookup as Lookup })
    for (let time = 0; time < 2; time++)
      expect(await look('a.test').catch((error: Error) => error.message)).toBe(says)
  })
}

test('createDnsCache: what the resolver throws is a failure, and answering twice has no effect', async () => {
  const thrower = cacheWorld({
    lookup: () => {
      throw new Error('broken')
    },
  })
  await expect(thrower.look('a.test')).rejects.toThrow('broken')
  const { look, answer } = cacheWorld()
  const first = look('a.test')
  answer(0, '10.0.0.1')
  answer(0, '10.0.0.2')
  expect([await first, await look('a.test')]).toEqual(['10.0.0.1', '10.0.0.1'])
})

test('createDnsCache: the name used longest ago goes when there are too many', async () => {
  const { asked, look, answer } = cacheWorld({ maxEntries: 2 })
  for (const [index, host] of ['a', 'b'].entries()) {
    const looking = look(host)
    answer(index, `10.0.0.${index}`)
    await looking
  }
  await look('a')
  const third = look('c')
  answer(2, '10.0.0.2')
  await third
  await look('a')
  expect(asked.length).toBe(3)
  void look('b')
  expect(asked.map(({ host }) => host)).toEqual(['a', 'b', 'c', 'b'])
})

test('createDnsCache: forget', async () => {
  const { cache, asked, look, answer } = cacheWorld()
  for (const [index, family] of ([0, 4, 6] as const).entries()) {
    const looking = look('a.test', family)
    answer(index, '10.0.0.1')
    await looking
  }
  cache.forget('A.test')
  for (const family of [0, 4, 6] as const) void look('a.test', family)
  expect(asked.length).toBe(6)
})

const WRONG: { options: unknown; type: typeof TypeError | typeof RangeError; message: string }[] = [
  { options: null, type: TypeError, message: '"options"' },
  { options: { ttlMs: -1 }, type: RangeError, message: '"ttlMs"' },
  { options: { ttlMs: '1' }, type: TypeError, message: '"ttlMs"' },
  { options: { staleMs: Number.NaN }, type: RangeError, message: '"staleMs"' },
  { options: { maxEntries: 0 }, type: RangeError, message: '"maxEntries"' },
  { options: { maxEntries: Infinity }, type: RangeError, message: '"maxEntries"' },
  { options: { lookup: 1 }, type: TypeError, message: '"lookup"' },
  { options: { now: 1 }, type: TypeError, message: '"now"' },
]

for (const { options, type, message } of WRONG) {
  test(`createDnsCache refuses ${JSON.stringify(options)}`, () => {
    const make = (): unknown => createDnsCache(options as DnsCacheOptions)
    expect(make).toThrow(type)
    expect(make).toThrow(message)
  })
}

test('createConnection with a cache: an abort of one who waits touches no other', async () => {
  await using peer = await rawServer()
  const { cache, asked, answer } = cacheWorld()
  const { lookup } = cache
  const where = { host: 'a.test', port: peer.port, lookup }
  const control = new AbortController()
  const given = createConnection(() => new Recorder(), { ...where, signal: control.signal })
  const kept = createConnection(() => new Recorder(), where)
  control.abort('enough')
  await expect(given).rejects.toBe('enough')
  expect(asked.length).toBe(1)
  answer(0, '127.0.0.1')
  const { transport } = await kept
  const again = await createConnection(() => new Recorder(), where)
  expect(asked.length).toBe(1)
  transport.abort()
  again.transport.abort()
})

test('onPhase: dns for a name only, then connect, then tls; what it throws ends the connecting', async () => {
  await using peer = await rawServer()
  const phases: string[] = []
  const { lookup } = createDnsCache({
    lookup: (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
  })
  const onPhase = (phase: string): void => void phases.push(phase)
  const { transport } = await createConnection(() => new Recorder(), {
    host: 'a.test',
    port: peer.port,
    lookup,
    onPhase,
  })
  transport.abort()
  expect(phases.splice(0)).toEqual(['dns', 'connect'])
  for (const failing of ['connect', 'tls']) {
    const thrown = new Error(failing)
    const connecting = createConnection(() => new Recorder(), {
      host: '127.0.0.1',
      port: peer.port,
      tls: true,
      onPhase: (phase) => {
        onPhase(phase)
        if (phase === failing) throw thrown
      },
    })
    await expect(connecting).rejects.toBe(thrown)
  }
  expect(phases).toEqual(['connect', 'connect', 'tls'])
  await expect(
    createConnection(() => new Recorder(), { host: 'h', port: 1, onPhase: 'x' as never }),
  ).rejects.toThrow('"onPhase"')
  await peer.accepted()
  const second = await peer.accepted()
  second.resume()
  if (!second.readableEnded) await once(second, 'end')
})
