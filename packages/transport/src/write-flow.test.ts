import { expect, test } from 'vitest'
import { deriveWriteBufferLimits, WriteFlow } from './write-flow.ts'

const DERIVED: { given: { high?: number; low?: number } | undefined; limits: [low: number, high: number] }[] =
  [
    { given: undefined, limits: [16_384, 65_536] },
    { given: {}, limits: [16_384, 65_536] },
    { given: { low: 1000 }, limits: [1000, 4000] },
    { given: { high: 1024 }, limits: [256, 1024] },
    { given: { high: 1023 }, limits: [255, 1023] },
    { given: { high: 0 }, limits: [0, 0] },
    { given: { high: 5, low: 5 }, limits: [5, 5] },
    { given: { high: Infinity }, limits: [Infinity, Infinity] },
  ]

for (const { given, limits } of DERIVED) {
  test(`B26 water marks from ${JSON.stringify(given)}`, () => {
    const { low, high } = deriveWriteBufferLimits(given)
    expect([low, high]).toEqual(limits)
  })
}

const INVALID = [
  { given: { high: 1, low: 2 }, message: '"low" (2) must not be above "high" (1)' },
  { given: { high: -1 }, message: '"writeBufferLimits.high" must be a whole number' },
  { given: { low: -1 }, message: '"writeBufferLimits.low" must be a whole number' },
  { given: { high: 1.5 }, message: '"writeBufferLimits.high" must be a whole number' },
  { given: { high: Number.NaN }, message: '"writeBufferLimits.high" must be a whole number' },
]

for (const { given, message } of INVALID) {
  test(`B27 invalid water marks ${JSON.stringify(given)}`, () => {
    expect(() => deriveWriteBufferLimits(given)).toThrow(RangeError)
    expect(() => deriveWriteBufferLimits(given)).toThrow(message)
  })
}

test('B27 a water mark that is no number', () => {
  expect(() => deriveWriteBufferLimits({ high: '9' as never })).toThrow(TypeError)
})

// low 10, high 20
const EDGES = [
  { name: 'at high: not paused', sizes: [20], answers: [undefined] },
  { name: 'above high: paused', sizes: [21], answers: ['pause'] },
  { name: 'above low: stays paused', sizes: [21, 11], answers: ['pause', undefined] },
  { name: 'at low: resumed', sizes: [21, 10], answers: ['pause', 'resume'] },
  {
    name: 'once each way',
    sizes: [21, 30, 9, 0, 20, 25],
    answers: ['pause', undefined, 'resume', undefined, undefined, 'pause'],
  },
]

for (const { name, sizes, answers } of EDGES) {
  test(`B28 B31 ${name}`, () => {
    const flow = new WriteFlow({ low: 10, high: 20 })
    expect(sizes.map((size) => flow.evaluate(size))).toEqual(answers)
  })
}

test('B29 lowering high below the size pauses at once, and once', () => {
  const flow = new WriteFlow({ low: 256, high: 1024 })
  expect(flow.evaluate(512)).toBeUndefined()
  expect(flow.setLimits({ low: 64, high: 256 }, 512)).toBe('pause')
  expect(flow.setLimits({ low: 64, high: 256 }, 512)).toBeUndefined()
})

test('B30 raising high above the size resumes', () => {
  const flow = new WriteFlow({ low: 64, high: 256 })
  expect(flow.evaluate(2000)).toBe('pause')
  expect(flow.setLimits({ low: 1024, high: 4096 }, 2000)).toBe('resume')
  expect(flow.isPaused).toBe(false)
})
