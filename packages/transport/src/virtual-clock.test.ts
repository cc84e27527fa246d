import { expect, test } from 'vitest'
import { VirtualClock } from './virtual-clock.ts'

test('timers run in the order they are due, those due together in the order they were set', () => {
  const clock = new VirtualClock()
  const seen: string[] = []
  for (const [name, delayMs] of [
    ['b', 5],
    ['a', 1],
    ['c', 5],
    ['never', Infinity],
  ] as const) {
    clock.setTimer(() => seen.push(`${name}@${clock.now()}`), delayMs)
  }
  clock.advance(4)
  expect(seen).toEqual(['a@1'])
  clock.advance(1)
  expect(seen).toEqual(['a@1', 'b@5', 'c@5'])
  expect([clock.now(), clock.timerCount]).toEqual([5, 0])
})

test('a timer that is cancelled does not run; cancelling late does no harm', () => {
  const clock = new VirtualClock()
  const seen: string[] = []
  const cancel = clock.setTimer(() => seen.push('cancelled'), 5)
  const tooLate = clock.setTimer(() => seen.push('ran'), 5)
  cancel()
  clock.advance(5)
  tooLate()
  expect(seen).toEqual(['ran'])
})

test('timers set on the way run in the same call', () => {
  const clock = new VirtualClock()
  const seen: number[] = []
  const again = (): void => {
    seen.push(clock.now())
    clock.setTimer(again, 10)
  }
  clock.setTimer(again, 10)
  clock.advance(35)
  expect(seen).toEqual([10, 20, 30])
  expect(() => clock.advance(-1)).toThrow(RangeError)
})

test('runUntilQuiet runs promises between timers, and notices what never ends', async () => {
  const clock = new VirtualClock()
  const seen: number[] = []
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => clock.setTimer(resolve, ms))
  const work = async (): Promise<void> => {
    for (let count = 0; count < 3; count++) {
      await sleep(100)
      seen.push(clock.now())
    }
  }
  const working = work()
  await clock.runUntilQuiet()
  await working
  expect(seen).toEqual([100, 200, 300])
  const forEver = (): void => void clock.setTimer(forEver, 1)
  forEver()
  await expect(clock.runUntilQuiet({ maxTimers: 20 })).rejects.toThrow('not quiet after 20 timers')
})
