import { expect, test } from 'vitest'
import { isFullRun, readOptions, USUAL_TIMES } from './options.mjs'

const USUAL = { action: 'run', only: null, vs: null, profile: false, save: false, ...USUAL_TIMES }

const ROWS: { args: string[]; options: object }[] = [
  { args: [], options: {} },
  { args: ['--only', 'tiny-50,lines'], options: { only: ['tiny-50', 'lines'] } },
  { args: ['--only=tiny-50'], options: { only: ['tiny-50'] } },
  { args: ['--', '--vs', 'undici.request', '--profile'], options: { vs: ['undici.request'], profile: true } },
  { args: ['--rounds', '3', '--round-seconds', '0.5'], options: { rounds: 3, roundMs: 500 } },
  { args: ['--warm-up-seconds', '0', '--save'], options: { warmUpMs: 0, save: true } },
  { args: ['--smoke'], options: { action: 'smoke', rounds: 1, roundMs: 20, warmUpMs: 0 } },
  { args: ['--list'], options: { action: 'list' } },
  { args: ['--render'], options: { action: 'render' } },
  { args: ['--help'], options: { action: 'help' } },
]

for (const { args, options } of ROWS) {
  test(`options: ${args.join(' ')}`, () => {
    expect(readOptions(args)).toEqual({ ...USUAL, ...options })
  })
}

const WRONG = [
  { args: ['--quick'], message: 'unknown option "--quick"' },
  { args: ['tiny-50'], message: 'unknown option "tiny-50"' },
  { args: ['--smoke=yes'], message: 'unknown option "--smoke=yes"' },
  { args: ['--only'], message: '--only needs a value' },
  { args: ['--only', ','], message: '--only needs a value' },
  { args: ['--rounds', '0'], message: '--rounds must be an integer >= 1, got "0"' },
  { args: ['--rounds', 'many'], message: '--rounds must be an integer >= 1, got "many"' },
  { args: ['--round-seconds', '-1'], message: '--round-seconds must be 0 to 3600, got "-1"' },
]

for (const { args, message } of WRONG) {
  test(`wrong options: ${args.join(' ')}`, () => {
    expect(() => readOptions(args)).toThrow(new RangeError(message))
  })
}

test('only what ran everything for long enough is a full run', () => {
  expect(isFullRun(readOptions([]))).toBe(true)
  expect(isFullRun(readOptions(['--rounds', '9']))).toBe(true)
  for (const args of [
    ['--only', 'a'],
    ['--vs', 'b'],
    ['--rounds', '1'],
    ['--warm-up-seconds', '1'],
    ['--profile'],
  ]) {
    expect(isFullRun(readOptions(args)), args.join(' ')).toBe(false)
  }
})
