import { expect, test } from 'vitest'
import { Waiters } from './waiters.ts'

test('who was told or has given up is forgotten', async () => {
  const waiters = new Waiters()
  const controller = new AbortController()
  const gaveUp = waiters.wait(controller.signal)
  controller.abort(new Error('not me'))
  await expect(gaveUp).rejects.toThrow('not me')
  const told = waiters.wait()
  let errors = 0
  const makeError = (): Error => new Error(`error ${++errors}`)
  waiters.settleAll(makeError)
  waiters.settleAll(makeError)
  await expect(told).rejects.toThrow('error 1')
  expect(errors).toBe(1)
})
