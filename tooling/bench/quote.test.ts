/** What the README quotes of the results. */
import { expect, test } from 'vitest'
import { quoteOf } from './quote.mjs'
import type { Results } from './render.mjs'

/** So many in a second, each of so many microseconds. */
const sample = (count: number, cpuUs: number): unknown => ({ count, elapsedMs: 1000, cpuUs: count * cpuUs })

test('times of the peers, of the works that were measured', () => {
  const contenders = [
    { name: '@x/http-session', samples: [sample(300, 2)] },
    { name: 'undici.request', samples: [sample(100, 4)] },
    { name: 'floor', samples: [sample(400, 1)] },
  ]
  const results = {
    date: '2026-01-02T03:04:05Z',
    machine: { cpu: 'C', cores: 2, node: 'v1' },
    versions: { undici: '8' },
    works: [{ name: 'tiny-50', contenders }],
  } as unknown as Results
  const quote = quoteOf(results)
  expect(quote).toContain('2026-01-02, C, 2 cores, Node v1, undici 8')
  expect(quote.split('\n').slice(4)).toEqual([
    '| 13 bytes, 50 connections | 3x | – | – | – | – | 0.5x | 0.75x |',
  ])
})
