import { settle } from './memory-server.test-support.ts'

/** What has come of a promise once everything has happened that needs no time: its value, what it rejects with, or `pending`. */
export async function outcome(promise: Promise<unknown>): Promise<unknown> {
  let result: unknown = 'pending'
  promise.then(
    (value) => (result = value),
    (error: unknown) => (result = error),
  )
  await settle()
  return result
}
