/** Errors that are thrown where nobody catches them, on purpose. */
import { settle } from './memory-server.test-support.ts'

/** What is thrown uncaught while `action` runs, and in a few turns behind it. */
export async function uncaughtIn(action: () => unknown): Promise<unknown[]> {
  const thrown: unknown[] = []
  const listeners = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', (error) => thrown.push(error))
  try {
    await action()
    await settle()
  } finally {
    process.removeAllListeners('uncaughtException')
    for (const listener of listeners) process.on('uncaughtException', listener)
  }
  return thrown
}
