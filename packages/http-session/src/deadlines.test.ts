import { VirtualClock } from '@x/transport/memory'
import { expect, test } from 'vitest'
import { Deadlines } from './deadlines.ts'

function deadline(passed: string[], name: string, then?: () => void) {
  return {
    at: Infinity,
    place: -1,
    onDeadline() {
      passed.push(name)
      then?.()
    },
  }
}

test('deadlines pass in order, each once', () => {
  const clock = new VirtualClock()
  const deadlines = new Deadlines(clock)
  const passed: string[] = []
  deadlines.set(deadline(passed, 'late'), 200)
  deadlines.set(deadline(passed, 'early'), 100)
  clock.advance(99)
  expect(passed).toEqual([])
  clock.advance(1)
  expect(passed).toEqual(['early'])
  clock.advance(1000)
  expect(passed).toEqual(['early', 'late'])
  expect(clock.timerCount).toBe(0)
})

test('moving deadlines on costs no timers, and the moved ones pass when they should', () => {
  const clock = new VirtualClock()
  let timersSet = 0
  const deadlines = new Deadlines({
    now: () => clock.now(),
    setTimer(callback, delayMs) {
      timersSet += 1
      return clock.setTimer(callback, delayMs)
    },
  })
  const passed: string[] = []
  const moved = deadline(passed, 'moved')
  for (let now = 0; now < 1000; now++) deadlines.set(moved, now + 1000)
  expect(timersSet).toBe(1)
  clock.advance(1998)
  expect(passed).toEqual([])
  clock.advance(1)
  expect(passed).toEqual(['moved'])
})

test('a cleared deadline does not pass; an infinite one needs no timer', () => {
  const clock = new VirtualClock()
  const deadlines = new Deadlines(clock)
  const passed: string[] = []
  const cleared = deadline(passed, 'cleared')
  deadlines.set(cleared, 10)
  deadlines.clear(cleared)
  const never = deadline(passed, 'never')
  deadlines.set(never, Infinity)
  clock.advance(1e9)
  expect(passed).toEqual([])
  expect(clock.timerCount).toBe(0)
})

test('a deadline may set itself again, and others, when it passes', () => {
  const clock = new VirtualClock()
  const deadlines = new Deadlines(clock)
  const passed: string[] = []
  const second = deadline(passed, 'second')
  deadlines.set(
    deadline(passed, 'first', () => deadlines.set(second, 20)),
    10,
  )
  clock.advance(20)
  expect(passed).toEqual(['first', 'second'])
})

test('a delay longer than a platform timer can wait is waited for in parts', () => {
  const clock = new VirtualClock()
  const delays: number[] = []
  const deadlines = new Deadlines({
    now: () => clock.now(),
    setTimer(callback, delayMs) {
      delays.push(delayMs)
      return clock.setTimer(callback, delayMs)
    },
  })
  const passed: string[] = []
  deadlines.set(deadline(passed, 'far'), 2 ** 32)
  clock.advance(2 ** 32)
  expect(passed).toEqual(['far'])
  expect(Math.max(...delays)).toBeLessThan(2 ** 31)
})
