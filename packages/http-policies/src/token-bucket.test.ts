import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TokenBucket } from './token-bucket.ts'
import type { Turn } from './token-bucket.ts'

/** Ten in a second. */
function bucket(burst: number): TokenBucket {
  return new TokenBucket({ requests: 10, intervalMs: 1000, burst })
}

const ROWS: { name: string; burst: number; at: number[]; waits: number[] }[] = [
  { name: 'one by one', burst: 1, at: [0, 0, 0], waits: [0, 100, 200] },
  { name: 'several at once', burst: 3, at: [0, 0, 0, 0, 0], waits: [0, 0, 0, 100, 200] },
  { name: 'no faster than they come', burst: 1, at: [0, 100, 250, 300], waits: [0, 0, 0, 50] },
  { name: 'tokens come back one by one', burst: 2, at: [0, 0, 100, 100], waits: [0, 0, 0, 100] },
  { name: 'no more than a burst is saved', burst: 2, at: [0, 5000, 5000, 5000], waits: [0, 0, 0, 100] },
]
for (const { name, burst, at, waits } of ROWS) {
  test(`token bucket: ${name}`, () => {
    const tokens = bucket(burst)
    expect(at.map((now) => tokens.untilMs(tokens.take(now), now))).toEqual(waits)
  })
}

test('a pause moves those that wait, and those that come', () => {
  const tokens = bucket(1)
  tokens.take(0)
  const waiting = tokens.take(0)
  tokens.pause(1000, 50)
  expect(tokens.untilMs(waiting, 50)).toBe(1000)
  expect(tokens.untilMs(tokens.take(50), 50)).toBe(1100)
  tokens.pause(900, 60)
  expect(tokens.untilMs(waiting, 60)).toBe(990)
  tokens.pause(1500, 70)
  expect(tokens.untilMs(waiting, 70)).toBe(1480)
})

test('behind a pause there is no burst', () => {
  const tokens = bucket(5)
  tokens.pause(1000, 0)
  expect([0, 0, 0].map((now) => tokens.untilMs(tokens.take(now), now))).toEqual([1000, 1100, 1200])
  expect(tokens.waitMs(5000)).toBe(0)
})

test('the last turn can be given back; another leaves a gap', () => {
  const tokens = bucket(1)
  const turns = [tokens.take(0), tokens.take(0), tokens.take(0)]
  tokens.giveBack(turns[1]!)
  expect(tokens.waitMs(0)).toBe(300)
  tokens.giveBack(turns[2]!)
  expect(tokens.waitMs(0)).toBe(200)
  tokens.pause(1000, 0)
  const moved = tokens.take(0)
  expect(tokens.untilMs(moved, 0)).toBe(1200)
  tokens.giveBack(moved)
  expect(tokens.waitMs(0)).toBe(1200)
})

test('whatever happens, turns come in order and no faster than they may', () => {
  const step = fc.record({
    afterMs: fc.integer({ min: 0, max: 400 }),
    what: fc.constantFrom('take', 'take', 'take', 'give back', 'give the last back', 'pause'),
    ms: fc.integer({ min: 0, max: 2000 }),
  })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 40 }), (burst, steps) => {
      const tokens = bucket(burst)
      const waiting: Turn[] = []
      const begun: number[] = []
      let now = 0
      const begin = (until: number): void => {
        for (const turn of [...waiting]) {
          const at = now + tokens.untilMs(turn, now)
          if (at > until) break
          waiting.shift()
          begun.push(at)
        }
      }
      for (const { afterMs, what, ms } of steps) {
        begin(now + afterMs)
        now += afterMs
        if (what === 'take') waiting.push(tokens.take(now))
        if (what === 'pause') tokens.pause(now + ms, now)
        const given =
          what === 'give back' ? waiting.shift() : what === 'give the last back' ? waiting.pop() : undefined
        if (given !== undefined) tokens.giveBack(given)
      }
      begin(Infinity)
      for (const [index, at] of begun.entries())
        for (const [count, later] of begun.slice(index).entries())
          expect(later - at).toBeGreaterThanOrEqual((count + 1 - burst) * 100 - 1e-6)
    }),
  )
})
