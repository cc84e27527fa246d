import { expect, test } from 'vitest'
import { everySplit, equal, rejection, thrown } from './expect.mjs'
import { runCases } from './run-cases.mjs'

test('each case is reported, and the last line counts them', async () => {
  const lines: unknown[] = []
  const cases = [
    { feature: 'a', name: 'passes', run: (world: number) => equal(world, 7) },
    { feature: 'a', name: 'throws', run: () => equal(Uint8Array.of(1), Uint8Array.of(2), 'octets') },
    { feature: 'b', name: 'rejects', run: () => Promise.reject(new Error('x', { cause: new Error('y') })) },
    { feature: 'b', name: 'throws no error', run: () => Promise.reject('just so') },
  ]
  await runCases(cases, 7, (line) => lines.push(line))
  expect(lines).toEqual([
    { feature: 'a', name: 'passes' },
    {
      feature: 'a',
      name: 'throws',
      error: expect.stringContaining('octets: expected "bytes 2", got "bytes 1"'),
    },
    { feature: 'b', name: 'rejects', error: expect.stringMatching(/^Error: x\n[^]*\ncaused by Error: y$/) },
    { feature: 'b', name: 'throws no error', error: 'just so' },
    { done: 4 },
  ])
})

test('what should fail and does not is a failure', async () => {
  await expect(rejection(Promise.resolve(1), 'it')).rejects.toThrow('it: expected a rejection, got 1')
  expect(() => thrown(() => 1, 'it')).toThrow('it: expected an error, got 1')
})

test('every split has all the bytes', () => {
  const splits = everySplit(Uint8Array.of(1, 2, 3))
  expect(splits.map((chunks) => chunks.map((chunk) => [...chunk]))).toEqual([
    [[1, 2, 3]],
    [[1], [2], [3]],
    [[1], [2, 3]],
    [[1, 2], [3]],
  ])
})
