import { expect, test } from 'vitest'
import { readOptions } from './options.mjs'

const TARGETS = ['responses', 'session']
const USUAL = {
  action: 'run',
  seconds: 60,
  seed: 1,
  target: undefined,
  hex: undefined,
  method: 'GET',
  cuts: 0,
}

const ROWS: { args: string[]; options: object }[] = [
  { args: [], options: {} },
  { args: ['--', '--seconds', '0.5', '--seed=7'], options: { seconds: 0.5, seed: 7 } },
  { args: ['--target', 'session'], options: { target: 'session' } },
  {
    args: ['--hex', '0aFF', '--method', 'HEAD', '--cuts', '3'],
    options: { hex: '0aFF', method: 'HEAD', cuts: 3 },
  },
  { args: ['--help'], options: { action: 'help' } },
]

for (const { args, options } of ROWS) {
  test(`options: ${args.join(' ')}`, () => {
    expect(readOptions(args, TARGETS)).toEqual({ ...USUAL, ...options })
  })
}

const WRONG = [
  { args: ['--target', 'all'], message: 'no target "all"; there are responses, session' },
  { args: ['--seconds', 'long'], message: '--seconds needs a number above 0, got "long"' },
  { args: ['--seconds', '0'], message: '--seconds needs a number above 0, got "0"' },
  { args: ['--seed', '1.5'], message: '--seed needs an integer, got "1.5"' },
  { args: ['--cuts='], message: '--cuts needs an integer, got ""' },
  { args: ['--hex', '0'], message: '--hex needs pairs of digits' },
  { args: ['--fast'], message: "Unknown option '--fast'" },
]

for (const { args, message } of WRONG) {
  test(`options: ${args.join(' ')} is refused`, () => {
    expect(() => readOptions(args, TARGETS)).toThrow(RangeError)
    expect(() => readOptions(args, TARGETS)).toThrow(message)
  })
}
