import { expect, test } from 'vitest'
import { makeCase, problemOf, smallest, TARGETS } from './engine.ts'
import type { Target } from './engine.ts'

const SEED = 1
/** About a second each. `node tooling/fuzz/run.mjs` goes on for as long as one likes. */
const CASES: Record<Target, number> = { responses: 4000, requests: 2000, session: 400 }

for (const target of TARGETS) {
  test(`${target} damaged by chance: the same outcome however they are cut, and nothing hangs, crashes or stays open`, async () => {
    const unhandled: unknown[] = []
    const onUnhandled = (error: unknown): number => unhandled.push(error)
    process.on('unhandledRejection', onUnhandled)
    try {
      for (let number = 0; number < CASES[target]; number += 1) {
        const subject = makeCase(target, SEED, number)
        if ((await problemOf(subject)) === null && unhandled.length === 0) continue
        const { wire } = await smallest(subject)
        const problem = await problemOf({ ...subject, wire })
        expect.fail(
          `seed ${SEED}, case ${number}: ${JSON.stringify(wire)}\n${problem}\n${unhandled.join('\n')}`,
        )
      }
    } finally {
      process.off('unhandledRejection', onUnhandled)
    }
  }, 60_000)
}
