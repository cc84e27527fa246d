// The arguments of `pnpm fuzz`, read and checked.
import { parseArgs } from 'node:util'

export const USAGE = `pnpm fuzz [option]...

  --seconds S      how long; default 60
  --seed N         an integer; default 1
  --target TARGET  this one alone; without it all take turns
  --hex BYTES      one message again, with:
    --method M     of the request that it answers; default GET
    --cuts N       the seed of the places at which it is cut; default 0
  --help`

/**
 * @typedef {object} Options
 * @property {'run' | 'help'} action
 * @property {number} seconds
 * @property {number} seed
 * @property {string | undefined} target
 * @property {string | undefined} hex
 * @property {string} method
 * @property {number} cuts
 */

/**
 * @param {readonly string[]} args
 * @param {readonly string[]} targets
 * @returns {Options}
 * @throws {RangeError} Something that cannot be meant.
 */
export function readOptions(args, targets) {
  const { seconds, seed, target, hex, method, cuts, help } = parsed(args.filter((arg) => arg !== '--'))
  if (target !== undefined && !targets.includes(target))
    throw new RangeError(`no target "${target}"; there are ${targets.join(', ')}`)
  if (hex !== undefined && !/^(?:[\da-f]{2})*$/i.test(hex))
    throw new RangeError('--hex needs pairs of digits')
  const duration = Number(seconds)
  if (!(duration > 0)) throw new RangeError(`--seconds needs a number above 0, got "${seconds}"`)
  return {
    action: help ? 'help' : 'run',
    seconds: duration,
    seed: integer('--seed', seed),
    target,
    hex,
    method,
    cuts: integer('--cuts', cuts),
  }
}

/**
 * @param {string} name
 * @param {string} text
 */
function integer(name, text) {
  const value = Number(text)
  if (text !== '' && Number.isSafeInteger(value)) return value
  throw new RangeError(`${name} needs an integer, got "${text}"`)
}

/** @param {string[]} args */
function parsed(args) {
  try {
    return parseArgs({
      args,
      options: {
        seconds: { type: 'string', default: '60' },
        seed: { type: 'string', default: '1' },
        target: { type: 'string' },
        hex: { type: 'string' },
        method: { type: 'string', default: 'GET' },
        cuts: { type: 'string', default: '0' },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    throw new RangeError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}
