/**
 * A session on connections in memory, driven by chance: callers that ask, read, leave and wait; servers that answer well, badly, in part, too early,
 * too much or not at all. The laws: no response is taken for another's, what arrives is what was sent, everything settles, nothing is left behind.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { World } from './session-world.test-support.ts'
import type { AnswerKind } from './scripted-peer.test-support.ts'
import type { BodyKind } from './session-call.test-support.ts'
import type { Action, CallerAct, Ending, ServerAct, WorldOptions } from './session-world.test-support.ts'

const AT = fc.nat({ max: 30 })
const SOME_BYTES = fc.constantFrom(0, 1, 10, 40, 80, 100, 20_000, Infinity)

const ACTIONS: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      act: fc.constant('request' as const),
      method: fc.constantFrom('GET', 'GET', 'HEAD', 'PUT', 'POST'),
      body: fc.constantFrom<BodyKind>('none', 'none', 'none', 'text', 'large', 'stream'),
      priority: fc.constantFrom(0, 0, 1, -1),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      act: fc.constant('answer' as const),
      at: AT,
      plan: fc.record({
        kind: fc.constantFrom<AnswerKind>(
          'length',
          'length',
          'length',
          'last',
          'chunked',
          'chunked',
          'to the close',
        ),
        size: fc.constantFrom('small', 'small', 'large'),
      }),
      byteCount: fc.oneof(
        { weight: 3, arbitrary: fc.constant(Infinity) },
        { weight: 1, arbitrary: SOME_BYTES },
      ),
      behind: fc.constantFrom('nothing', 'nothing', 'nothing', 'another response', 'a line break'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('go on' as const), at: AT }) },
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constantFrom<CallerAct>('read all', 'read on', 'read on', 'read some'),
      at: AT,
    }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constantFrom<CallerAct>('send more', 'end body'), at: AT }) },
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constantFrom<CallerAct | ServerAct>(
        'abort',
        'discard',
        'interim',
        'nonsense',
        'unasked',
        'close',
        'half-close',
        'reset',
        'stall',
        'flow',
      ),
      at: AT,
    }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('next dial fails' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('advance' as const),
      ms: fc.constantFrom(1, 500, 999, 1001, 6000),
    }),
  },
)

const WORLDS: fc.Arbitrary<WorldOptions> = fc.record({
  connections: fc.constantFrom(1, 2, 3),
  link: fc.oneof(
    fc.constant({}),
    fc.record({ seed: fc.nat(), maxChunkBytes: fc.constantFrom(50, 1000) }),
    fc.constant({ capacityBytes: 5000 }),
  ),
  keeping: fc.constantFrom({}, {}, { maxRequestsPerConnection: 2 }, { maxConnectionAgeMs: 1000 }),
})

const ENDINGS: fc.Arbitrary<Ending> = fc.constantFrom('close', 'close at once', 'abort')

test('P33 P60 whatever callers and servers do: no response for another request, no wait for ever, nothing left', async () => {
  const unhandled: unknown[] = []
  const onUnhandled = (error: unknown): number => unhandled.push(error)
  process.on('unhandledRejection', onUnhandled)
  try {
    await fc.assert(
      fc.asyncProperty(
        WORLDS,
        fc.array(ACTIONS, { minLength: 5, maxLength: 60, size: 'max' }),
        ENDINGS,
        async (options, actions, ending) => {
          const world = new World(options)
          for (const action of actions) await world.apply(action)
          await world.end(ending)
          expect(unhandled).toEqual([])
        },
      ),
      { numRuns: 150, seed: 1 },
    )
  } finally {
    process.off('unhandledRejection', onUnhandled)
  }
}, 30_000)
