import { expect, test } from 'vitest'
import { readOptions } from './options.mjs'

const IDS = ['node20', 'bun']
const USUAL = { action: 'run', only: null, save: false }

const ROWS: { args: string[]; options: object }[] = [
  { args: [], options: {} },
  { args: ['--', '--only', 'bun,node20'], options: { only: ['bun', 'node20'] } },
  { args: ['--only=bun'], options: { only: ['bun'] } },
  { args: ['--save'], options: { save: true } },
  { args: ['--help'], options: { action: 'help' } },
]

for (const { args, options } of ROWS) {
  test(`options: ${args.join(' ')}`, () => {
    expect(readOptions(args, IDS)).toEqual({ ...USUAL, ...options })
  })
}

const WRONG = [
  { args: ['--only', 'node18'], message: 'no runtime "node18"; there are node20, bun' },
  { args: ['--only', ','], message: '--only needs a value' },
  { args: ['--only'], message: "Option '--only <value>' argument missing" },
  { args: ['--only', 'bun', '--save'], message: '--save needs every runtime' },
  { args: ['--fast'], message: "Unknown option '--fast'" },
  { args: ['bun'], message: "Unexpected argument 'bun'" },
]

for (const { args, message } of WRONG) {
  test(`not options: ${args.join(' ')}`, () => {
    expect(() => readOptions(args, IDS)).toThrow(message)
  })
}
