/** One listener on a signal, however many wait for it; and none once nobody does. */
import { getEventListeners } from 'node:events'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { answering, memoryServer, readRequest, settle } from './memory-server.test-support.ts'
import { unwatchSignal, watchSignal } from './signal-watch.ts'
import { uncaughtIn } from './uncaught.test-support.ts'

const URL = 'http://a.example/'

/** Watchers a, b, c of one signal, and what they were told. */
function world(onTold: (name: string) => void = () => {}) {
  const control = new AbortController()
  const told: string[] = []
  const watcher = (name: string) => ({
    handleEvent: () => {
      told.push(name)
      onTold(name)
    },
  })
  const [a, b, c] = [watcher('a'), watcher('b'), watcher('c')]
  return { control, signal: control.signal, told, a, b, c }
}

function listenerCount(signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length
}

const LEAVERS = [
  { name: 'nobody', leave: [], told: 'abc' },
  { name: 'the first', leave: ['a'], told: 'bc' },
  { name: 'one of the others', leave: ['b'], told: 'ac' },
  { name: 'the first and another', leave: ['a', 'c'], told: 'b' },
  { name: 'all but the first', leave: ['b', 'c'], told: 'a' },
  { name: 'one, twice', leave: ['b', 'b'], told: 'ac' },
  { name: 'all', leave: ['b', 'a', 'c'], told: '' },
] as const

for (const { name, leave, told } of LEAVERS) {
  test(`those that wait are told once, in the order in which they came, where ${name} has left`, () => {
    const all = world()
    const { signal, control } = all
    for (const watcher of [all.a, all.b, all.c]) watchSignal(signal, watcher)
    expect(listenerCount(signal)).toBe(1)
    for (const leaver of leave) unwatchSignal(signal, all[leaver])
    expect(listenerCount(signal)).toBe(told === '' ? 0 : 1)
    control.abort()
    expect(all.told.join('')).toBe(told)
    expect(listenerCount(signal)).toBe(0)
  })
}

test('whoever comes after others have left is told too', () => {
  const { signal, control, told, a, b, c } = world()
  watchSignal(signal, a)
  unwatchSignal(signal, a)
  watchSignal(signal, b)
  watchSignal(signal, c)
  unwatchSignal(signal, b)
  watchSignal(signal, a)
  control.abort()
  expect(told).toEqual(['c', 'a'])
})

test('whoever leaves or comes while others are told is not told', () => {
  const all = world((name) => {
    if (name !== 'a') return
    unwatchSignal(all.signal, all.b)
    watchSignal(all.signal, all.b)
  })
  for (const watcher of [all.a, all.b, all.c]) watchSignal(all.signal, watcher)
  all.control.abort()
  expect(all.told).toEqual(['a', 'c'])
  expect(listenerCount(all.signal)).toBe(0)
})

test('no signal, one that is aborted already, and one that was never watched', () => {
  const { signal, control, told, a } = world()
  unwatchSignal(signal, a)
  watchSignal(undefined, a)
  unwatchSignal(undefined, a)
  control.abort()
  watchSignal(signal, a)
  expect(told).toEqual([])
  expect(listenerCount(signal)).toBe(0)
})

test('what one throws keeps no other from being told', async () => {
  const error = new Error('of a watcher')
  const all = world((name) => {
    if (name !== 'c') throw error
  })
  const uncaught = await uncaughtIn(async () => {
    for (const watcher of [all.a, all.b, all.c]) watchSignal(all.signal, watcher)
    all.control.abort()
    await settle()
  })
  expect(all.told).toEqual(['a', 'b', 'c'])
  expect(uncaught).toEqual([error, error])
})

test('fifty requests, coded bodies, calls through middlewares and dials on one signal: one listener, and all end with it', async () => {
  const coded = gzipSync('Hello').toString('latin1')
  const head = `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${coded.length}\r\n\r\n`
  const { session } = memoryServer(async (peer) => {
    await readRequest(peer)
    peer.writer.writeText(head, 'latin1')
    await settle()
    peer.writer.writeText(coded.slice(0, 5), 'latin1')
  })
  const through = session.extend({ middleware: [(request, next) => next(request)] })
  const control = new AbortController()
  const { signal } = control
  const outcomes = Array.from({ length: 50 }, async (_, index) => {
    const asked = (index % 2 === 0 ? session : through).get(URL, { signal })
    return asked.text().catch((error: unknown) => error)
  })
  outcomes.push(
    session.preconnect('http://b.example/', { count: 2, signal }).catch((error: unknown) => error),
  )
  await settle()
  expect(listenerCount(signal)).toBe(1)
  const reason = new Error('not wanted any more')
  control.abort(reason)
  const ended = await Promise.all(outcomes)
  expect(ended.filter((outcome) => outcome === reason).length).toBe(50)
  expect(listenerCount(signal)).toBe(0)
  await session.close()
})

test('requests that end by themselves leave no listener', async () => {
  const { session } = memoryServer(answering('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nHi'))
  const { signal } = new AbortController()
  const requests = Array.from({ length: 20 }, () => session.get(URL, { signal }).text())
  expect(listenerCount(signal)).toBe(1)
  expect(new Set(await Promise.all(requests))).toEqual(new Set(['Hi']))
  expect(listenerCount(signal)).toBe(0)
})
