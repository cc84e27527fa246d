import { expect, test } from 'vitest'
import { interleaveFamilies, isBlocked, parseIpLiteral } from './addresses.ts'
import { race } from './race.ts'
import { VirtualClock } from './virtual-clock.ts'

/** What each attempt does: how long it takes, and how it ends; null never ends. */
type Course = { afterMs: number; end: 'wins' | 'fails' } | null

const RACES: { name: string; courses: Course[]; log: string[] }[] = [
  {
    name: 'the first wins: nobody else starts',
    courses: [
      { afterMs: 10, end: 'wins' },
      { afterMs: 1, end: 'wins' },
    ],
    log: ['0 start 0', '10 won 0'],
  },
  {
    name: 'the first fails: the next starts at once',
    courses: [
      { afterMs: 10, end: 'fails' },
      { afterMs: 5, end: 'wins' },
    ],
    log: ['0 start 0', '10 start 1', '15 won 1'],
  },
  {
    name: 'the first stalls: the next starts after its head start, and the loser is cancelled',
    courses: [null, { afterMs: 5, end: 'wins' }],
    log: ['0 start 0', '250 start 1', '255 cancel 0', '255 won 1'],
  },
  {
    name: 'all fail: the errors stand in the order of the candidates',
    courses: [
      { afterMs: 400, end: 'fails' },
      { afterMs: 10, end: 'fails' },
      { afterMs: 5, end: 'fails' },
    ],
    log: ['0 start 0', '250 start 1', '260 start 2', '400 failed 0,1,2'],
  },
  {
    name: 'a late first one beats a started second one',
    courses: [{ afterMs: 300, end: 'wins' }, null, { afterMs: 1, end: 'wins' }],
    log: ['0 start 0', '250 start 1', '300 cancel 1', '300 won 0'],
  },
  {
    name: 'a failure of the last leaves the others running',
    courses: [
      { afterMs: 900, end: 'wins' },
      { afterMs: 10, end: 'fails' },
    ],
    log: ['0 start 0', '250 start 1', '900 won 0'],
  },
  {
    name: 'an attempt that settles inside its own start',
    courses: [
      { afterMs: 0, end: 'fails' },
      { afterMs: 0, end: 'wins' },
    ],
    log: ['0 start 0', '0 start 1', '0 won 1'],
  },
]

function run(courses: Course[], log: string[], clock: VirtualClock): () => void {
  const note = (what: string): number => log.push(`${clock.now()} ${what}`)
  return race<number, number>(
    {
      candidates: courses.map((_, index) => index),
      attemptDelayMs: 250,
      scheduler: { soon: queueMicrotask, setTimer: (callback, delayMs) => clock.setTimer(callback, delayMs) },
      attempt(index, { won, failed }) {
        note(`start ${index}`)
        const course = courses[index] as Course
        const settle = (): void => (course?.end === 'wins' ? won(index) : failed(new Error(String(index))))
        if (course?.afterMs === 0) settle()
        const stop = course && course.afterMs > 0 ? clock.setTimer(settle, course.afterMs) : () => {}
        return () => {
          stop()
          note(`cancel ${index}`)
        }
      },
    },
    {
      won: (index) => note(`won ${index}`),
      failed: (errors) => note(`failed ${errors.map((error) => error.message).join(',')}`),
    },
  )
}

for (const { name, courses, log } of RACES) {
  test(`C34 ${name}`, () => {
    const clock = new VirtualClock()
    const seen: string[] = []
    run(courses, seen, clock)
    clock.advance(10_000)
    expect(seen).toEqual(log)
    expect(clock.timerCount).toBe(0)
  })
}

test('a race that is cancelled cancels its attempts and starts no more', () => {
  const clock = new VirtualClock()
  const seen: string[] = []
  const cancel = run([null, null, null], seen, clock)
  clock.advance(300)
  cancel()
  clock.advance(10_000)
  expect(seen).toEqual(['0 start 0', '250 start 1', '300 cancel 0', '300 cancel 1'])
})

test('a race that is cancelled when it is over, or twice, cancels nothing more', () => {
  const clock = new VirtualClock()
  const seen: string[] = []
  const cancel = run([null, { afterMs: 10, end: 'wins' }], seen, clock)
  clock.advance(300)
  cancel()
  cancel()
  expect(seen).toEqual(['0 start 0', '250 start 1', '260 cancel 0', '260 won 1'])
})

const FAMILIES = [
  { given: '4444', result: '4444' },
  { given: '66644', result: '64646' },
  { given: '4466', result: '4646' },
  { given: '6', result: '6' },
]

for (const { given, result } of FAMILIES) {
  test(`the families take turns: ${given}`, () => {
    const addresses = Array.from(given, (family, index) => ({ family: Number(family) as 4 | 6, index }))
    const turns = interleaveFamilies(addresses)
    expect(turns.map(({ family }) => family).join('')).toBe(result)
    for (const family of [4, 6]) {
      const order = turns.filter((address) => address.family === family).map(({ index }) => index)
      expect(order, 'the order within a family stays').toEqual(order.toSorted((a, b) => a - b))
    }
  })
}

test('literals: with and without brackets, never a name or a number in disguise', () => {
  const found = ['127.0.0.1', '[::1]', '::1', 'fe80::1%eth0', 'localhost', '127.1', '0x7f.1', '[127.0.0.1']
  expect(found.map((host) => parseIpLiteral(host)?.family)).toEqual([
    4,
    6,
    6,
    6,
    ...Array.from({ length: 4 }),
  ])
})

test('a zone does not hide an address from the policy', () => {
  const seen: string[] = []
  isBlocked(
    { check: (address, family) => seen.push(`${address} ${family}`) > 0 },
    { address: 'fe80::1%eth0', family: 6 },
  )
  expect(seen).toEqual(['fe80::1 ipv6'])
})
