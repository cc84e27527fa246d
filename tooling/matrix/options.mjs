// What the command line says.
import { parseArgs } from 'node:util'

export const USAGE = `pnpm matrix                    every runtime; prints the table
pnpm matrix --only node20,bun  some of them
pnpm matrix --save             also writes the table into tooling/matrix/results.md and README.md
pnpm matrix --help`

/**
 * @typedef {object} Options
 * @property {'run' | 'help'} action
 * @property {readonly string[] | null} only
 * @property {boolean} save
 */

/**
 * @param {readonly string[]} args
 * @param {readonly string[]} ids Of the runtimes.
 * @returns {Options}
 * @throws {RangeError} Something that cannot be meant.
 */
export function readOptions(args, ids) {
  const { values } = parsed(args.filter((arg) => arg !== '--'))
  const only = values.only?.split(',').filter((id) => id !== '') ?? null
  const unknown = only?.find((id) => !ids.includes(id))
  if (unknown !== undefined) throw new RangeError(`no runtime "${unknown}"; there are ${ids.join(', ')}`)
  if (only?.length === 0) throw new RangeError('--only needs a value')
  if (only !== null && values.save) throw new RangeError('--save needs every runtime')
  return { action: values.help ? 'help' : 'run', only, save: values.save }
}

/** @param {string[]} args */
function parsed(args) {
  try {
    return parseArgs({
      args,
      options: {
        only: { type: 'string' },
        save: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    throw new RangeError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}
